#pragma once

#include <array>
#include <string_view>

using EVP_MD = struct evp_md_st;
using EVP_MD_CTX = struct evp_md_ctx_st;

namespace gcstreamd {

/// SHA-256 for many short texts: what OpenSSL needs for it is made once. Throws std::runtime_error
/// where OpenSSL offers none.
class Sha256 {
 public:
  static constexpr std::size_t kHexDigits = 64;
  using Hex = std::array<char, kHexDigits>;

  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  /// The lower-case hexadecimal digits of the hash over both texts, one behind the other.
  Hex hex(std::string_view first, std::string_view second = {});

 private:
  EVP_MD* algorithm_;
  EVP_MD_CTX* context_;
};

inline std::string_view view(const Sha256::Hex& hex) {
  return {hex.data(), hex.size()};
}

}  // namespace gcstreamd
