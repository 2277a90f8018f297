#include "gcstreamd/core/durable_hash.hpp"

#include <fmt/format.h>

#include <bit>
#include <charconv>

namespace gcstreamd {
namespace {

constexpr std::uint64_t kC1 = 0x87c37b91114253d5U;
constexpr std::uint64_t kC2 = 0x4cf5ad432745937fU;
constexpr std::size_t kWord = 8;
constexpr std::size_t kDigits = 16;

/// Up to eight bytes, the first one lowest; fewer where the text ends.
std::uint64_t word_at(std::string_view bytes, std::size_t at) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < kWord && at + i < bytes.size(); ++i)
    word |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (kWord * i);
  return word;
}

std::uint64_t finish(std::uint64_t h) {
  constexpr int kShift = 33;
  h = (h ^ (h >> kShift)) * 0xff51afd7ed558ccdU;
  h = (h ^ (h >> kShift)) * 0xc4ceb9fe1a85ec53U;
  return h ^ (h >> kShift);
}

std::uint64_t mix_first(std::uint64_t k) {
  return std::rotl(k * kC1, 31) * kC2;
}

std::uint64_t mix_second(std::uint64_t k) {
  return std::rotl(k * kC2, 33) * kC1;
}

std::optional<std::uint64_t> parse_word(std::string_view text) {
  constexpr int kHex = 16;
  std::uint64_t word = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, word, kHex);
  return parsed.ec == std::errc{} && parsed.ptr == end ? std::optional(word) : std::nullopt;
}

}  // namespace

std::string DurableHash::text() const {
  return fmt::format("{:016x}{:016x}", high, low);
}

std::optional<DurableHash> DurableHash::parse(std::string_view text) {
  if (text.size() != 2 * kDigits)
    return std::nullopt;
  const auto first = parse_word(text.substr(0, kDigits));
  const auto second = parse_word(text.substr(kDigits));
  if (!first || !second)
    return std::nullopt;
  return DurableHash{*first, *second};
}

DurableHash durable_hash(std::string_view bytes) {
  constexpr std::size_t kBlock = 2 * kWord;
  std::uint64_t h1 = 0;
  std::uint64_t h2 = 0;
  std::size_t at = 0;
  for (; at + kBlock <= bytes.size(); at += kBlock) {
    h1 = std::rotl(h1 ^ mix_first(word_at(bytes, at)), 27) + h2;
    h1 = h1 * 5 + 0x52dce729;
    h2 = std::rotl(h2 ^ mix_second(word_at(bytes, at + kWord)), 31) + h1;
    h2 = h2 * 5 + 0x38495ab5;
  }
  h2 ^= mix_second(word_at(bytes, at + kWord)) ^ bytes.size();
  h1 ^= mix_first(word_at(bytes, at)) ^ bytes.size();
  h1 += h2;
  h2 += h1;
  h1 = finish(h1);
  h2 = finish(h2);
  h1 += h2;
  h2 += h1;
  return {h1, h2};
}

}  // namespace gcstreamd
