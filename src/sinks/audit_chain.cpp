#include "gcstreamd/sinks/audit_chain.hpp"

#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <new>
#include <stdexcept>

#include "posix.hpp"

namespace gcstreamd {
namespace {

constexpr std::size_t kHashDigits = 64;
constexpr std::string_view kHashKey = ",\"hash\":\"";
constexpr std::string_view kNumberKey = ",\"n\":";

bool is_hash(std::string_view text) {
  return text.size() == kHashDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

struct AuditChain::Digest {
  Digest() : algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context(EVP_MD_CTX_new()) {
    if (!algorithm || !context)
      throw std::runtime_error("OpenSSL offers no SHA-256: check its configuration");
  }
  ~Digest() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
  }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  EVP_MD* algorithm;
  EVP_MD_CTX* context;
};

AuditChain::AuditChain() : digest_(std::make_unique<Digest>()) {}
AuditChain::~AuditChain() = default;

void AuditChain::seal_line(std::string& lines, std::size_t start) {
  ++head_.n;
  lines += kNumberKey;
  lines += std::to_string(head_.n);
  std::array<unsigned char, 32> hash{};
  EVP_MD_CTX* context = digest_->context;
  if (EVP_DigestInit_ex2(context, digest_->algorithm, nullptr) != 1 ||
      EVP_DigestUpdate(context, head_.hash.data(), head_.hash.size()) != 1 ||
      EVP_DigestUpdate(context, lines.data() + start, lines.size() - start) != 1 ||
      EVP_DigestFinal_ex(context, hash.data(), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  head_.hash.clear();
  append_hex(head_.hash, hash.data(), hash.size());
  lines += kHashKey;
  lines += head_.hash;
  lines += "\"}\n";
}

std::optional<ChainHead> chain_head_of(std::string_view line) {
  const auto hash_at = line.rfind(kHashKey);
  if (hash_at == std::string_view::npos || !line.ends_with("\"}"))
    return std::nullopt;
  auto hash = line.substr(hash_at + kHashKey.size());
  hash.remove_suffix(2);
  const auto number_at = line.substr(0, hash_at).rfind(kNumberKey);
  if (!is_hash(hash) || number_at == std::string_view::npos)
    return std::nullopt;
  ChainHead head;
  const auto digits =
      line.substr(number_at + kNumberKey.size(), hash_at - number_at - kNumberKey.size());
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), head.n);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size())
    return std::nullopt;
  head.hash = hash;
  return head;
}

}  // namespace gcstreamd
