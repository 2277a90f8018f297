#include "gcstreamd/sinks/audit_chain.hpp"

#include <array>

#include "gcstreamd/core/text.hpp"
#include "sha256.hpp"

namespace gcstreamd {
namespace {

constexpr std::string_view kHashKey = ",\"hash\":\"";
constexpr std::string_view kNumberKey = ",\"n\":";

constexpr auto kIsHexDigit = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("0123456789abcdef"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

/// Without a branch for each digit: every record of a log comes by here.
bool is_hash(std::string_view text) {
  bool good = true;
  for (const char c : text)
    good &= kIsHexDigit[static_cast<unsigned char>(c)];
  return good;
}

/// The digits that the text ends with.
std::string_view last_digits(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && text[text.size() - size - 1] >= '0' &&
         text[text.size() - size - 1] <= '9')
    ++size;
  return text.substr(text.size() - size);
}

}  // namespace

void AuditChain::seal_line(std::string& lines, std::size_t start) {
  ++head_.n;
  lines += kNumberKey;
  lines += std::to_string(head_.n);
  const Sha256Hex hash = sha256_hex(head_.hash, std::string_view(lines).substr(start));
  head_.hash = view(hash);
  lines += kHashKey;
  lines += head_.hash;
  lines += "\"}\n";
}

bool AuditChain::links(const ChainHead& head, const ChainedLine& line) {
  return line.n == head.n + 1 && view(sha256_hex(head.hash, line.hashed)) == line.hash;
}

std::optional<ChainedLine> split_chained(std::string_view line) {
  constexpr std::size_t kHashTail = kHashKey.size() + kSha256Digits + 2;
  if (line.size() < kHashTail || !line.ends_with("\"}"))
    return std::nullopt;
  ChainedLine parts;
  parts.hashed = line.substr(0, line.size() - kHashTail);
  parts.hash = line.substr(parts.hashed.size() + kHashKey.size(), kSha256Digits);
  const auto digits = last_digits(parts.hashed);
  const auto before = parts.hashed.substr(0, parts.hashed.size() - digits.size());
  if (line.substr(parts.hashed.size(), kHashKey.size()) != kHashKey || !is_hash(parts.hash) ||
      !before.ends_with(kNumberKey))
    return std::nullopt;
  parts.fields = before.substr(0, before.size() - kNumberKey.size());
  const auto n = parse_number(digits);
  if (!n)
    return std::nullopt;
  parts.n = *n;
  return parts;
}

std::optional<ChainHead> chain_head_of(std::string_view line) {
  const auto parts = split_chained(line);
  return parts ? std::optional<ChainHead>({parts->n, std::string(parts->hash)}) : std::nullopt;
}

}  // namespace gcstreamd
