#pragma once

#include <array>
#include <string_view>

namespace gcstreamd {

inline constexpr std::size_t kSha256Digits = 64;
using Sha256Hex = std::array<char, kSha256Digits>;
using Sha256Hash = std::array<unsigned char, kSha256Digits / 2>;

Sha256Hex hex_of(const Sha256Hash& hash);

/// The lower-case hexadecimal digits of the SHA-256 over both texts, one behind the other. Throws
/// std::runtime_error where OpenSSL fails.
Sha256Hex sha256_hex(std::string_view first, std::string_view second = {});

inline std::string_view view(const Sha256Hex& hex) {
  return {hex.data(), hex.size()};
}

}  // namespace gcstreamd
