// The calls of before EVP, as in sha256.cpp: a key's two blocks are hashed once, and their state
// copied for each text.
#define OPENSSL_API_COMPAT 10101

#include "hmac_sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace gcstreamd {
namespace {

constexpr std::size_t kBlock = 64;
using Block = std::array<unsigned char, kBlock>;

void must(int result) {
  if (result != 1)
    throw std::runtime_error("SHA-256 failed");
}

Sha256Hash finish(SHA256_CTX context, const void* text, std::size_t size) {
  Sha256Hash digest{};
  must(SHA256_Update(&context, text, size));
  must(SHA256_Final(digest.data(), &context));
  return digest;
}

SHA256_CTX empty() {
  SHA256_CTX context;
  must(SHA256_Init(&context));
  return context;
}

SHA256_CTX begin(const Block& key, unsigned char pad) {
  Block block = key;
  for (unsigned char& byte : block)
    byte ^= pad;
  SHA256_CTX context = empty();
  must(SHA256_Update(&context, block.data(), block.size()));
  OPENSSL_cleanse(block.data(), block.size());
  return context;
}

}  // namespace

/// The states after the key's block, each XORed with its pad.
struct HmacSha256::Begun {
  SHA256_CTX inner;
  SHA256_CTX outer;
};

HmacSha256::HmacSha256(std::string_view key) : begun_(std::make_unique<Begun>()) {
  constexpr unsigned char kInnerPad = 0x36;
  constexpr unsigned char kOuterPad = 0x5c;
  Block block{};
  if (key.size() > block.size()) {
    const Sha256Hash digest = finish(empty(), key.data(), key.size());
    std::copy(digest.begin(), digest.end(), block.begin());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  begun_->inner = begin(block, kInnerPad);
  begun_->outer = begin(block, kOuterPad);
  OPENSSL_cleanse(block.data(), block.size());
}

HmacSha256::~HmacSha256() {
  OPENSSL_cleanse(begun_.get(), sizeof(Begun));
}

Sha256Hex HmacSha256::hex(std::string_view text) const {
  const Sha256Hash inner = finish(begun_->inner, text.data(), text.size());
  const Sha256Hash outer = finish(begun_->outer, inner.data(), inner.size());
  return hex_of(outer);
}

}  // namespace gcstreamd
