// The calls of before EVP, which allocate nothing: OpenSSL 3.0's EVP makes and wipes a context on
// the heap for every text. They know no providers: what is computed is SHA-256, by whatever
// instructions the processor has, also where a configuration asks for another module's (FIPS).
#ifndef OPENSSL_API_COMPAT
#define OPENSSL_API_COMPAT 10101
#endif

#include "sha256.hpp"

#include <openssl/sha.h>

#include <cstring>
#include <stdexcept>

namespace gcstreamd {
namespace {

constexpr auto kHexPairs = [] {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i)
    pairs[i] = {kDigits[i >> 4U], kDigits[i & 15U]};
  return pairs;
}();

}  // namespace

Sha256Hex hex_of(const Sha256Hash& hash) {
  Sha256Hex hex{};
  for (std::size_t i = 0; i < hash.size(); ++i)
    std::memcpy(hex.data() + 2 * i, kHexPairs[hash[i]].data(), 2);
  return hex;
}

Sha256Hex sha256_hex(std::string_view first, std::string_view second) {
  Sha256Hash hash{};
  SHA256_CTX context;
  if (SHA256_Init(&context) != 1 || SHA256_Update(&context, first.data(), first.size()) != 1 ||
      SHA256_Update(&context, second.data(), second.size()) != 1 ||
      SHA256_Final(hash.data(), &context) != 1)
    throw std::runtime_error("SHA-256 failed");
  return hex_of(hash);
}

}  // namespace gcstreamd
