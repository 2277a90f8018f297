#include "sha256.hpp"

#include <openssl/evp.h>

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

Sha256::Sha256()
    : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
  // The algorithm is set once: without it, each text's beginning only resets the state.
  if (!algorithm_ || !context_ || EVP_DigestInit_ex2(context_, algorithm_, nullptr) != 1) {
    EVP_MD_CTX_free(context_);
    EVP_MD_free(algorithm_);
    throw std::runtime_error("OpenSSL offers no SHA-256: check its configuration");
  }
}

Sha256::~Sha256() {
  EVP_MD_CTX_free(context_);
  EVP_MD_free(algorithm_);
}

Sha256::Hex Sha256::hex(std::string_view first, std::string_view second) {
  std::array<unsigned char, kHexDigits / 2> hash{};
  if (EVP_DigestInit_ex2(context_, nullptr, nullptr) != 1 ||
      EVP_DigestUpdate(context_, first.data(), first.size()) != 1 ||
      EVP_DigestUpdate(context_, second.data(), second.size()) != 1 ||
      EVP_DigestFinal_ex(context_, hash.data(), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  Hex hex{};
  for (std::size_t i = 0; i < hash.size(); ++i)
    std::memcpy(hex.data() + 2 * i, kHexPairs[hash[i]].data(), 2);
  return hex;
}

}  // namespace gcstreamd
