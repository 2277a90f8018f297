#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gcstreamd {

/// Sorts what a WebSocket server sends (RFC 6455): first the answer to the upgrade, then frames. A
/// message that is one whole data frame can be taken as it stands; everything else is passed to a
/// complete implementation, and so is all that follows a frame which breaks the protocol. A message
/// is taken only where that implementation would take it too: text is valid UTF-8, no bit is
/// reserved, nothing is masked, the length has its shortest form, and no other message has begun.
class FrameSorter {
 public:
  /// Messages of more than `largest` bytes are passed.
  explicit FrameSorter(std::size_t largest) : largest_(largest) {}

  enum class Next {
    wait,  ///< more bytes are needed
    take,  ///< a message of `size` bytes, behind a header of `header` bytes
    pass,  ///< `size` bytes are for the implementation
  };
  struct Verdict {
    Next next = Next::wait;
    std::size_t header = 0;
    std::size_t size = 0;
  };
  /// What to do with the front of `bytes`.
  Verdict sort(std::string_view bytes);
  /// These bytes, some or all that `sort` said, were passed.
  void passed(std::string_view bytes);
  /// The upgrade is through: what follows are frames.
  void begin_frames() { phase_ = Phase::frames; }
  /// From now on all is passed.
  void pass_all() { phase_ = Phase::rest; }

 private:
  enum class Phase {
    answer,  ///< the head of the answer to the upgrade
    frames,
    rest,  ///< whatever comes
  };

  struct Head;

  Verdict sort_frame(std::string_view bytes);
  bool is_message(const Head& head) const;

  std::size_t largest_;
  Phase phase_ = Phase::answer;
  std::size_t end_seen_ = 0;   ///< so much of the line breaks that end a head
  std::uint64_t passing_ = 0;  ///< of a frame that is passed
  bool in_parts_ = false;      ///< a message has begun that other frames end
};

}  // namespace gcstreamd
