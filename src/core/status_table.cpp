#include "gcstreamd/core/status_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "gcstreamd/core/text.hpp"
#include "gcstreamd/core/time_format.hpp"

namespace gcstreamd {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

constexpr const char* kNone = "-";

/// What came over HTTP may hold anything: a key that is not there, or another type, is a null.
const Json& at(const Json& object, std::string_view key) {
  static const Json kNull;
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() ? *found : kNull;
}

std::string text(const Json& object, std::string_view key) {
  const Json& value = at(object, key);
  if (value.is_string())
    return for_terminal(value.get<std::string>());
  return value.is_number() || value.is_boolean() ? value.dump() : kNone;
}

std::optional<WallTime> time(const Json& object, std::string_view key) {
  const Json& value = at(object, key);
  return value.is_string() ? parse_time(value.get<std::string>()) : std::nullopt;
}

std::string between(std::optional<WallTime> from, std::optional<WallTime> to) {
  if (!from || !to)
    return kNone;
  const auto duration = std::chrono::floor<std::chrono::seconds>(*to - *from);
  return for_people(duration);
}

std::string token_left(std::optional<WallTime> now, std::optional<WallTime> end) {
  return now && end && *end < *now ? "expired" : between(now, end);
}

std::string rate(const Json& stream) {
  const Json& value = at(stream, "ratePerS");
  return value.is_number() ? fmt::format("{:.1f}/s", value.get<double>()) : kNone;
}

std::string latency(const Json& stream) {
  const Json& quantiles = at(stream, "latencyMs");
  const Json& half = at(quantiles, "p50");
  const Json& most = at(quantiles, "p95");
  if (!half.is_number() || !most.is_number())
    return kNone;
  return fmt::format("{:.0f}/{:.0f} ms", half.get<double>(), most.get<double>());
}

std::string disk(const Json& sink) {
  const Json& bytes = at(sink, "diskFreeBytes");
  return bytes.is_number_unsigned() ? bytes_for_people(bytes.get<std::uint64_t>()) : kNone;
}

/// `waiting (40 s)`: so long until the next attempt.
std::string state(const Json& stream, std::optional<WallTime> now) {
  const auto next = time(stream, "nextAttempt");
  return next ? fmt::format("{} ({})", text(stream, "state"), between(now, next))
              : text(stream, "state");
}

std::vector<std::string> stream_row(const Json& stream, std::optional<WallTime> now) {
  return {text(stream, "name"),
          state(stream, now),
          between(time(stream, "since"), now),
          rate(stream),
          latency(stream),
          text(stream, "lastSequenceNumber"),
          text(stream, "gaps"),
          text(stream, "lost"),
          text(stream, "duplicates"),
          token_left(now, time(stream, "tokenExpires"))};
}

std::vector<std::string> sink_row(const Json& stream, const Json& sink) {
  return {text(stream, "name"),
          text(sink, "name"),
          text(sink, "state"),
          at(sink, "required") == Json(true) ? "yes" : "no",
          text(sink, "durableSequenceNumber"),
          text(sink, "lagEvents"),
          text(sink, "failures"),
          disk(sink)};
}

/// Of the protocol `notifications`; "" for another.
std::string channel_line(const Json& stream) {
  const Json& of = at(stream, "notifications");
  if (!of.is_object())
    return "";
  return fmt::format("{}: {} of {} channels heard, {} topics, {} rejected, {} windows to fill in\n",
                     text(stream, "name"), text(of, "channelsLive"), text(of, "channels"),
                     text(of, "topics"), text(of, "topicsRejected"), text(of, "gapsWaiting"));
}

std::string channels(const Json& streams) {
  std::string lines;
  for (const Json& stream : streams)
    lines += channel_line(stream);
  return lines.empty() ? lines : '\n' + lines;
}

std::string fault_line(const Json& stream, const Json& fault) {
  const Json& fields = at(fault, "fields");
  std::string line =
      fmt::format("{} {} {}", text(stream, "name"), text(fault, "last"), text(fault, "type"));
  if (at(fault, "count") != Json(1))
    line += fmt::format(" ({} times)", text(fault, "count"));
  constexpr std::array kWords{"error", "topic", "cause", "sink", "from", "to"};
  for (const auto* key : kWords)
    if (!at(fields, key).is_null())
      line += fmt::format(" {}={}", key, text(fields, key));
  if (!at(fields, "hint").is_null())
    line += "\n    " + text(fields, "hint");
  return line + '\n';
}

std::string faults(const Json& streams) {
  constexpr std::size_t kShown = 3;
  std::string lines;
  for (const Json& stream : streams) {
    const Json& list = at(stream, "faults");
    const std::size_t from = list.size() > kShown ? list.size() - kShown : 0;
    for (std::size_t i = from; list.is_array() && i < list.size(); ++i)
      lines += fault_line(stream, list[i]);
  }
  return lines.empty() ? lines : "\nLast faults, and what to do next:\n" + lines;
}

std::string head(const Json& status, std::optional<WallTime> now) {
  std::string line = fmt::format("gcstreamd {}, process {}, up {}, {}\n", text(status, "version"),
                                 text(status, "pid"), between(time(status, "started"), now),
                                 at(status, "ready") == Json(true) ? "ready" : "NOT READY");
  const Json& reasons = at(status, "notReady");
  for (std::size_t i = 0; reasons.is_array() && i < reasons.size(); ++i)
    if (reasons[i].is_string())
      line += "  " + for_terminal(reasons[i].get<std::string>()) + '\n';
  return line;
}

}  // namespace

std::optional<std::string> status_table(std::string_view json) {
  const Json status = Json::parse(json, nullptr, false);
  const Json& streams = at(status, "streams");
  if (!streams.is_array() || !at(status, "version").is_string() || !at(status, "pid").is_number())
    return std::nullopt;
  const auto now = time(status, "now");
  Rows of_streams{{"STREAM", "STATE", "SINCE", "RATE", "LATENCY P50/P95", "LAST NUMBER", "GAPS",
                   "LOST", "DUPLICATES", "TOKEN LEFT"}};
  Rows of_sinks{{"STREAM", "SINK", "STATE", "REQUIRED", "DURABLE", "LAG", "FAILURES", "DISK FREE"}};
  for (const Json& stream : streams) {
    of_streams.push_back(stream_row(stream, now));
    const Json& sinks = at(stream, "sinks");
    for (std::size_t i = 0; sinks.is_array() && i < sinks.size(); ++i)
      of_sinks.push_back(sink_row(stream, sinks[i]));
  }
  return head(status, now) + '\n' + align(of_streams) + '\n' + align(of_sinks) + channels(streams) +
         faults(streams);
}

std::string align(const Rows& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  }
  std::string lines;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += fmt::format("{:<{}}", row[i], widths[i] + 2);
    line.erase(line.find_last_not_of(' ') + 1);
    lines += line + '\n';
  }
  return lines;
}

std::string for_people(std::chrono::seconds duration) {
  using std::chrono::days, std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
  if (duration < seconds{1})
    return "now";
  if (duration < minutes{1})
    return fmt::format("{} s", duration.count());
  if (duration < hours{1})
    return fmt::format("{} min", std::chrono::floor<minutes>(duration).count());
  const auto whole_hours = std::chrono::floor<hours>(duration);
  if (duration < days{1})
    return fmt::format("{} h {:02} min", whole_hours.count(),
                       std::chrono::floor<minutes>(duration - whole_hours).count());
  const auto whole_days = std::chrono::floor<days>(duration);
  return fmt::format("{} d {:02} h", whole_days.count(),
                     std::chrono::floor<hours>(duration - whole_days).count());
}

std::string bytes_for_people(std::uint64_t bytes) {
  constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  constexpr double kStep = 1024;
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= kStep && unit + 1 < kUnits.size()) {
    value /= kStep;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", value, unit == 0 ? 0 : 1, kUnits[unit]);
}

}  // namespace gcstreamd
