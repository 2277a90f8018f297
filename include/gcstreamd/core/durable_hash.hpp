#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gcstreamd {

/// 128 bits that stand for some bytes. They are the same in every build and on every machine, so
/// that they may be kept in files; they are no protection against somebody who wants two texts to
/// look the same.
struct DurableHash {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const DurableHash&) const = default;

  /// 32 lower-case hex digits.
  std::string text() const;
  /// Empty for anything else.
  static std::optional<DurableHash> parse(std::string_view text);
};

/// MurmurHash3's 128-bit variant.
DurableHash durable_hash(std::string_view bytes);

/// For unordered containers: the bits are mixed already.
struct DurableHashBits {
  std::size_t operator()(const DurableHash& hash) const { return hash.low; }
};

}  // namespace gcstreamd
