#include "gcstreamd/core/readiness.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gcstreamd/core/text.hpp"
#include "gcstreamd/core/time_format.hpp"

namespace gcstreamd {
namespace {

/// A server may ask for a longer one by Retry-After.
constexpr std::chrono::minutes kLongestWait{5};

/// The newest fault's own words, with what to do next, or "".
std::string because(const StreamStatus& stream) {
  const auto& faults = stream.incidents.faults();
  const auto newest = std::find_if(faults.rbegin(), faults.rend(), [](const auto& fault) {
    return fault.type != "max_reconnect_attempts_reached";  // which names none itself
  });
  return newest == faults.rend()
             ? std::string()
             : for_terminal(fmt::format(": {} {}", newest->type, newest->fields));
}

std::string fault_of(const StreamStatus& stream) {
  const std::string since = format_time(stream.since);
  switch (stream.state) {
    case StreamState::streaming:
    case StreamState::closing:
      return "";
    case StreamState::waiting:
    case StreamState::authorizing:
    case StreamState::dialing:
      if (stream.next_attempt && *stream.next_attempt - stream.since > kLongestWait)
        return fmt::format("not connected, the next attempt comes at {}",
                           format_time(*stream.next_attempt)) +
               because(stream);
      if (stream.attempts <= kFirstAttempts)
        return "";
      return fmt::format("not connected, {} attempts came to nothing", stream.attempts) +
             because(stream);
    case StreamState::held:
      return fmt::format("held since {} until every required sink can be written", since);
    case StreamState::idle:
      return "not started yet";
    case StreamState::stopping:
      return fmt::format("stopping since {}", since);
    case StreamState::ended:
      return fmt::format("gave up, a reload starts it again") + because(stream);
  }
  return "";
}

}  // namespace

std::string_view name(SinkState state) {
  switch (state) {
    case SinkState::working:
      return "working";
    case SinkState::failed:
      return "failed";
    case SinkState::proving:
      return "proving";
    case SinkState::ended:
      return "ended";
  }
  return "";
}

std::vector<std::string> unready(const StreamStatus& stream) {
  std::vector<std::string> lines;
  if (!stream.trouble.empty())
    lines.push_back(fmt::format("stream {}: {}", stream.name, stream.trouble));
  else if (const std::string fault = fault_of(stream); !fault.empty())
    lines.push_back(fmt::format("stream {}: {}", stream.name, fault));
  for (const SinkStatus& sink : stream.sinks)
    if (sink.required && sink.state != SinkState::working)
      lines.push_back(fmt::format("stream {}: sink {} is {}{}{}", stream.name, sink.name,
                                  name(sink.state), sink.error.empty() ? "" : ": ", sink.error));
  if (!stream.position_saved)
    lines.push_back(
        fmt::format("stream {}: its position cannot be saved in state_dir", stream.name));
  return lines;
}

std::vector<std::string> unready(const DaemonStatus& daemon) {
  std::vector<std::string> lines;
  if (daemon.stopping)
    lines.emplace_back("the daemon is stopping");
  for (const StreamStatus& stream : daemon.streams)
    for (std::string& line : unready(stream))
      lines.push_back(std::move(line));
  return lines;
}

}  // namespace gcstreamd
