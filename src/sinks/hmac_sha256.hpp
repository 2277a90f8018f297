#pragma once

#include <memory>
#include <string_view>

#include "sha256.hpp"

namespace gcstreamd {

/// HMAC-SHA-256 (RFC 2104) with one key, over many texts. Allocates nothing for a text; what it
/// keeps of the key is wiped at its end.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  ~HmacSha256();
  HmacSha256(const HmacSha256&) = delete;
  HmacSha256& operator=(const HmacSha256&) = delete;

  /// Its lower-case hexadecimal digits. Throws std::runtime_error where OpenSSL fails.
  Sha256Hex hex(std::string_view text) const;

 private:
  struct Begun;
  std::unique_ptr<Begun> begun_;
};

}  // namespace gcstreamd
