#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gcstreamd::bench {

/// One event of exactly `size` bytes in the shape that the simulator tells, with Unicode in it. Its
/// number has ten digits, so that another one fits in its place. Throws std::invalid_argument where
/// `size` is too small for an event.
std::string make_event(std::uint64_t number, std::size_t size);

/// The smallest number that an event may have here, and the number that precedes it.
inline constexpr std::uint64_t kFirstNumber = 1000000001;

/// WebSocket frames that were built before: only numbers and times are written into them again.
/// Not thread-safe.
class EventBlock {
 public:
  /// As many events of `event_bytes` as make about `block_bytes`, one at least.
  EventBlock(std::size_t event_bytes, std::size_t block_bytes);

  /// The frames of `count` events from `number` on, `capacity()` at most; valid until the next
  /// call.
  std::string_view frames(std::uint64_t number, std::size_t count);
  std::size_t capacity() const { return capacity_; }
  std::size_t whole_bytes() const { return capacity_ * frame_bytes_; }

 private:
  void set_time();

  std::size_t capacity_ = 0;
  std::string bytes_;
  std::size_t frame_bytes_ = 0;
  std::size_t number_at_ = 0;  ///< within a frame
  std::size_t time_at_ = 0;
  std::string time_;
  std::chrono::sys_time<std::chrono::milliseconds> set_{};
};

}  // namespace gcstreamd::bench
