#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gcstreamd/core/event.hpp"
#include "gcstreamd/core/secret.hpp"

namespace gcstreamd {

/// What distinguishes one server protocol from another: how to ask and how to read.
/// Owned by one stream; not thread-safe.
class Protocol {
 public:
  virtual ~Protocol() = default;

  /// Reads one whole message. Never throws for bad input. The frame's views live until the next
  /// call. `message` must have kPadding readable bytes behind it.
  virtual Frame decode(std::string_view message) = 0;

  /// The message that asks for events after `position`, or from the tip.
  virtual std::string subscription(std::string_view id,
                                   std::optional<SequenceNumber> position) const = 0;

  /// Readable bytes that `decode` needs behind a message; their values do not matter.
  static constexpr std::size_t kPadding = 64;
};

}  // namespace gcstreamd
