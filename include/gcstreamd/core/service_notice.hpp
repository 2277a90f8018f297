#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/core/stream_machine.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// What a service manager is told, in the words of sd_notify(3). No I/O, no clock.

/// A longer notification is ignored as a whole by systemd.
inline constexpr std::size_t kMaxNotice = 4096;

/// One stream as it is now.
struct StreamGlance {
  std::string name;
  StreamState state = StreamState::idle;
  std::uint64_t delivered = 0;  ///< events, since its start
  std::optional<SequenceNumber> last;
  std::uint64_t lost = 0;
  std::string detail = {};  ///< more words, or ""
};

/// Puts streams in words, "main: receiving 1,240/s, last 48211, 0 lost"; the rate is that since the
/// call before. Text for people: nothing may parse it.
class ServiceStatus {
 public:
  std::string words(const std::vector<StreamGlance>& streams, SteadyTime now);

 private:
  struct Count {
    std::uint64_t delivered = 0;
    SteadyTime at{};
  };

  std::map<std::string, Count> before_;  ///< by stream
};

/// `state` is "READY=1" or the like; `status` follows on a line of its own, clipped. Either may be
/// empty.
std::string notice(std::string_view state, std::string_view status);
/// `now` is systemd's CLOCK_MONOTONIC.
std::string reloading_notice(std::chrono::microseconds now);

/// How long the manager waits for a sign of life, from $WATCHDOG_USEC and $WATCHDOG_PID (null where
/// not set); empty: no sign is asked of process `pid`.
std::optional<std::chrono::microseconds> watchdog_limit(const char* usec, const char* pid_wanted,
                                                        std::int64_t pid);

}  // namespace gcstreamd
