#include "gcstreamd/core/content_hash.hpp"

#include <cstring>

namespace gcstreamd {
namespace {

__extension__ using Wide = unsigned __int128;

/// Odd numbers without a pattern: digits of pi.
constexpr std::uint64_t kFirst = 0x243f6a8885a308d3;
constexpr std::uint64_t kSecond = 0x13198a2e03707345;
constexpr std::uint64_t kThird = 0xa4093822299f31d1;
constexpr std::uint64_t kFourth = 0x082efa98ec4e6c89;

std::uint64_t word(const char* at) {
  std::uint64_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// Both halves of the product: each bit of both numbers reaches the result.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

/// 16 bytes into a lane that goes on from them.
std::uint64_t take(const char* at, std::uint64_t lane, std::uint64_t secret) {
  return mix(word(at) ^ secret, word(at + 8) ^ lane);
}

constexpr std::size_t kStep = 16;
constexpr std::size_t kStride = 3 * kStep;

/// The last bytes, which may be fewer than a step, with zeros behind them.
std::uint64_t take_end(std::string_view end, std::uint64_t lane) {
  char bytes[kStep] = {};
  std::memcpy(bytes, end.data(), end.size());
  return take(bytes, lane, kFourth);
}

}  // namespace

std::uint64_t content_hash(std::string_view text) {
  const std::uint64_t size = text.size();
  std::uint64_t one = kFirst;
  std::uint64_t two = kSecond;
  std::uint64_t three = kThird;
  for (; text.size() >= kStride; text.remove_prefix(kStride)) {
    one = take(text.data(), one, kSecond);
    two = take(text.data() + kStep, two, kThird);
    three = take(text.data() + 2 * kStep, three, kFirst);
  }
  std::uint64_t lane = one ^ two ^ three;
  for (; text.size() > kStep; text.remove_prefix(kStep))
    lane = take(text.data(), lane, kSecond);
  return mix(take_end(text, lane) ^ size, kThird);
}

}  // namespace gcstreamd
