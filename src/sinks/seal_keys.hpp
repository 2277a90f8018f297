#pragma once

#include <string>
#include <string_view>

#include "gcstreamd/sinks/seal.hpp"

using BIO = struct bio_st;

namespace gcstreamd {

struct FreeBio {
  void operator()(BIO* bio) const;
};
using BioHandle = std::unique_ptr<BIO, FreeBio>;

/// A file of at most 64 KiB as OpenSSL wants it; null, with `fault` set, when it cannot be read.
/// `text` holds the bytes, lives longer than the result and is for the caller to wipe.
BioHandle open_pem(const std::string& path, std::string& text, std::string& fault);

bool is_ed25519(const EVP_PKEY* key);
std::string key_id(const EVP_PKEY* key);

inline constexpr std::string_view kSignatureKey = ",\"signature\":\"";
inline constexpr std::size_t kSignatureBytes = 64;

}  // namespace gcstreamd
