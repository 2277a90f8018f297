#include "gcstreamd/sinks/seal.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <stdexcept>

#include "gcstreamd/core/text.hpp"
#include "gcstreamd/sinks/audit_chain.hpp"
#include "seal_keys.hpp"

namespace gcstreamd {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool verifies(EVP_PKEY* key, std::string_view text, std::string_view signature) {
  const Context context(EVP_MD_CTX_new());
  return context &&
         EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr) ==
             1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

/// The signature's bytes; "" where the text is not their one base64 form.
std::string decode_signature(std::string_view text) {
  constexpr std::size_t kDigits = 88;
  std::array<unsigned char, kDigits> out{};
  if (text.size() != kDigits ||
      EVP_DecodeBlock(out.data(), bytes_of(text), static_cast<int>(text.size())) < 0)
    return {};
  std::string signature(out.begin(), out.begin() + kSignatureBytes);
  return base64(signature) == text ? signature : std::string();
}

}  // namespace

std::optional<SealHead> seal_head_of(std::string_view line) {
  constexpr std::string_view kSealNumber = ",\"type\":\"seal\",\"sealNumber\":";
  const auto parts = split_chained(line);
  const auto at = line.find(kSealNumber);
  if (!parts || at == std::string_view::npos)
    return std::nullopt;
  // A text inside a record holds no such bytes: its quotes are escaped.
  std::uint64_t number = 0;
  auto rest = line.substr(at + kSealNumber.size());
  while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
    number = number * 10 + static_cast<std::uint64_t>(rest.front() - '0');
    rest.remove_prefix(1);
  }
  return SealHead{number, std::string(parts->hash)};
}

std::string SealKey::sign(std::string_view text) const {
  const Context context(EVP_MD_CTX_new());
  std::array<unsigned char, kSignatureBytes> signature{};
  std::size_t size = signature.size();
  if (!context ||
      EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key_.get(),
                            nullptr) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(text), text.size()) != 1 ||
      size != signature.size())
    throw std::runtime_error("Ed25519 failed");
  return {signature.begin(), signature.end()};
}

void add_seal(std::string& lines, std::size_t start, const SealHead& last, const ChainHead& head,
              const SealKey& key) {
  lines += fmt::format(
      R"(,"sealNumber":{},"previousSeal":"{}","headRecord":{},"headHash":"{}","keyId":"{}")",
      last.number + 1, last.hash, head.n, head.hash, key.id());
  const std::string signature = key.sign(std::string_view(lines).substr(start));
  lines += kSignatureKey;
  lines += base64(signature);
  lines += '"';
}

std::string SealPublicKeys::check(const AuditLine& seal, std::string_view fields) const {
  const Key* key = nullptr;
  for (const Key& one : keys_)
    if (one.id == seal.key_id)
      key = &one;
  if (!key)
    return fmt::format("the seal is of key {}, the public key given is {}",
                       json_string(seal.key_id), ids());
  const auto at = fields.rfind(kSignatureKey);
  const std::string signature = decode_signature(seal.signature);
  const bool last_field = at != std::string_view::npos &&
                          fields.size() == at + kSignatureKey.size() + seal.signature.size() + 1;
  if (!last_field || signature.empty() ||
      !verifies(key->key.get(), fields.substr(0, at), signature))
    return fmt::format("the seal's signature is not that of key {} over this record", key->id);
  return {};
}

std::string SealPublicKeys::ids() const {
  std::string all;
  for (const Key& key : keys_)
    all += (all.empty() ? "" : ", ") + key.id;
  return all;
}

}  // namespace gcstreamd
