#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gcstreamd/core/channel_api.hpp"
#include "gcstreamd/core/incidents.hpp"
#include "gcstreamd/core/metrics.hpp"
#include "gcstreamd/core/stream_machine.hpp"
#include "gcstreamd/core/trend.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// The daemon as it is at one moment: plain values, for whoever shows them.

enum class SinkState {
  working,
  failed,   ///< opened again by and by
  proving,  ///< opened again; works once a sync has succeeded
  ended,    ///< for good
};

std::string_view name(SinkState state);

struct SinkStatus {
  std::string name;
  std::string type;
  std::string path;  ///< "" where it has none
  bool required = true;
  SinkState state = SinkState::working;
  std::optional<SequenceNumber> durable;  ///< of the epoch that the stream is in
  std::uint64_t lag = 0;                  ///< numbers that were handed over and are not durable
  std::uint64_t failures = 0;
  std::string error;                       ///< why it does not work
  std::optional<std::uint64_t> disk_free;  ///< bytes
};

/// What only a stream of the protocol `notifications` has.
struct NotificationsStatus {
  SequenceNumber local = kNoNumber;  ///< the last number that was given to an event
  std::size_t channels = 0;          ///< that its topics take
  std::size_t channels_live = 0;
  std::size_t topics = 0;
  std::vector<TopicVerdict> rejected;
  std::size_t gaps_waiting = 0;          ///< to be filled in, or again
  std::optional<WallTime> unheard_from;  ///< of the gap that is open
  std::size_t requests_used = 0;         ///< within the last minute, of all streams of its client
};

struct StreamStatus {
  std::string name;
  StreamState state = StreamState::ended;
  WallTime since{};                         ///< in this state
  unsigned attempts = 0;                    ///< in a row that came to nothing
  std::optional<WallTime> next_attempt;     ///< while it waits
  std::string trouble;                      ///< why it does not work, if not for a fault
  std::optional<WallTime> connected_since;  ///< empty without a connection
  std::optional<SequenceNumber> last;
  std::optional<WallTime> token_expires;  ///< of the newest that was granted
  bool position_saved = true;             ///< false: it cannot be
  std::uint64_t position_failures = 0;
  Metrics metrics{SteadyTime{}};
  Trend trend;
  Incidents incidents;
  std::vector<SinkStatus> sinks;
  std::optional<NotificationsStatus> notifications;
};

/// What the system says of the process.
struct ProcessStatus {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t max_files = 0;
};

struct DaemonStatus {
  std::string version;
  std::int64_t pid = 0;
  WallTime started{};
  WallTime now{};
  bool stopping = false;
  ProcessStatus process;
  std::vector<StreamStatus> streams;
};

}  // namespace gcstreamd
