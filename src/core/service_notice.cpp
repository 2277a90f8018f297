#include "gcstreamd/core/service_notice.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

constexpr std::size_t kMaxStatus = 2000;

/// 1240 as 1,240.
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  constexpr std::size_t kGroup = 3;
  for (std::size_t at = digits.size(); at > kGroup;) {
    at -= kGroup;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string receiving(std::optional<double> rate) {
  constexpr double kWhole = 10;
  if (!rate)
    return "receiving";
  if (*rate > 0 && *rate < kWhole)
    return fmt::format("receiving {:.1f}/s", *rate);
  return fmt::format("receiving {}/s", grouped(static_cast<std::uint64_t>(std::llround(*rate))));
}

std::string doing(StreamState state, std::optional<double> rate) {
  switch (state) {
    case StreamState::idle:
      return "not started";
    case StreamState::held:
      return "held until a required sink can be written";
    case StreamState::waiting:
      return "waiting to reconnect";
    case StreamState::authorizing:
      return "fetching a token";
    case StreamState::dialing:
      return "connecting";
    case StreamState::streaming:
      return receiving(rate);
    case StreamState::closing:
      return "reconnecting";
    case StreamState::stopping:
      return "stopping";
    case StreamState::ended:
      return "gave up, a reload starts it again";
  }
  return "";
}

}  // namespace

std::string ServiceStatus::words(const std::vector<StreamGlance>& streams, SteadyTime now) {
  std::string words;
  std::map<std::string, Count> counts;
  for (const StreamGlance& stream : streams) {
    std::optional<double> rate;
    const auto before = before_.find(stream.name);
    if (before != before_.end() && before->second.delivered <= stream.delivered &&
        before->second.at < now)
      rate = static_cast<double>(stream.delivered - before->second.delivered) /
             std::chrono::duration<double>(now - before->second.at).count();
    counts[stream.name] = {stream.delivered, now};
    words +=
        fmt::format("{}{}: {}", words.empty() ? "" : "; ", stream.name, doing(stream.state, rate));
    if (stream.last)
      words += fmt::format(", last {}", *stream.last);
    words += fmt::format(", {} lost", grouped(stream.lost));
    if (!stream.detail.empty())
      words += ", " + stream.detail;
  }
  before_ = std::move(counts);
  return words;
}

std::string notice(std::string_view state, std::string_view status) {
  std::string text(state);
  if (!state.empty())
    text += '\n';
  if (!status.empty())
    text += fmt::format("STATUS={}\n", clip(status, kMaxStatus));
  return text;
}

std::string reloading_notice(std::chrono::microseconds now) {
  return notice(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.count()), "");
}

std::optional<std::chrono::microseconds> watchdog_limit(const char* usec, const char* pid_wanted,
                                                        std::int64_t pid) {
  constexpr std::uint64_t kLongest = std::numeric_limits<std::chrono::microseconds::rep>::max();
  if (pid_wanted && parse_number(pid_wanted) != static_cast<std::uint64_t>(pid))
    return std::nullopt;
  const auto limit = parse_number(usec ? usec : "");
  if (!limit || *limit == 0 || *limit > kLongest)
    return std::nullopt;
  return std::chrono::microseconds(*limit);
}

}  // namespace gcstreamd
