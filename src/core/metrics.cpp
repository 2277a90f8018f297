#include "gcstreamd/core/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gcstreamd/core/time_format.hpp"

namespace gcstreamd {
namespace {

using FloatSeconds = std::chrono::duration<double>;
using FloatMillis = std::chrono::duration<double, std::milli>;

/// What is older than a year is a place holder (0001-01-01 is common), and no time.
std::optional<std::chrono::microseconds> latency_of(std::optional<WallTime> timestamp,
                                                    WallTime now) {
  constexpr std::chrono::days kLongest{365};
  if (!timestamp || now - *timestamp > kLongest)
    return std::nullopt;
  return std::max(std::chrono::microseconds{0}, now - *timestamp);
}

}  // namespace

Metrics::Metrics(SteadyTime now) : last_report_(now) {
  using Kind = Rejection::Kind;
  for (const Kind kind :
       {Kind::frame_deserialization_error, Kind::json_parse_error, Kind::invalid_event})
    frame_errors_.expect(name(kind));
}

void Metrics::event(std::optional<WallTime> timestamp, WallTime now) {
  ++messages_;
  if (const auto latency = latency_of(timestamp, now)) {
    latency_sum_ += *latency;
    ++latency_count_;
  }
}

void Metrics::expect(std::span<const std::string> event_types) {
  for (const std::string& type : event_types)
    event_types_.expect(type);
}

void Metrics::delivered(const Event& event, WallTime now) {
  event_types_.add(event.type);
  bytes_ += event.line.size();
  last_event_ = now;
  if (const auto latency = latency_of(event.timestamp, now))
    latency_.observe(*latency);
}

void Metrics::coverage(std::string_view record_type) {
  coverage_gaps_ += record_type == "coverage_gap" ? 1U : 0U;
  coverage_gaps_lost_ += record_type == "events_lost" ? 1U : 0U;
}

void Metrics::reconnect(std::string_view cause) {
  reconnect_causes_.add(cause);
}

void Metrics::heartbeat(WallTime now) {
  ++heartbeats_;
  last_heartbeat_ = now;
}

Metrics::Report Metrics::report(SteadyTime now) {
  Report report;
  const double period = FloatSeconds(now - last_report_).count();
  if (latency_count_ > 0)
    report.latency_ms = FloatMillis(latency_sum_).count() / static_cast<double>(latency_count_);
  if (period > 0)
    report.throughput_eps = static_cast<double>(messages_ - messages_reported_) / period;
  report.messages = messages_;
  report.heartbeats = heartbeats_;
  report.last_heartbeat = last_heartbeat_;
  report.gaps = gaps_;
  report.lost = lost_;
  report.duplicates = duplicates_;
  report.reconnects = reconnect_causes_.total();
  if (connected_at_)
    report.uptime_s = FloatSeconds(now - *connected_at_).count();
  last_report_ = now;
  messages_reported_ = messages_;
  latency_sum_ = {};
  latency_count_ = 0;
  return report;
}

AuditRecord to_record(const Metrics::Report& report) {
  AuditRecord record("metrics");
  if (report.latency_ms)
    record.real("latencyMs", *report.latency_ms);
  else
    record.null("latencyMs");
  record.real("throughputEps", report.throughput_eps)
      .number("messageCount", report.messages)
      .number("heartbeats", report.heartbeats);
  if (report.last_heartbeat)
    record.text("lastHeartbeat", format_time(*report.last_heartbeat));
  else
    record.null("lastHeartbeat");
  return record.number("sequenceGaps", report.gaps)
      .number("eventsLost", report.lost)
      .number("duplicates", report.duplicates)
      .number("reconnects", report.reconnects)
      .real("uptimeS", report.uptime_s);
}

std::string to_line(const Metrics::Report& report) {
  const std::string latency =
      report.latency_ms ? fmt::format("{:.1f} ms latency", *report.latency_ms) : "no latency yet";
  const std::string link = report.uptime_s > 0
                               ? fmt::format("connected for {:.0f} s", report.uptime_s)
                               : "not connected";
  return fmt::format(
      "{}, {:.1f} events/s, {}; since the start {} events, {} heartbeats, gaps {}, lost {}, "
      "duplicates {}, reconnects {}",
      link, report.throughput_eps, latency, report.messages, report.heartbeats, report.gaps,
      report.lost, report.duplicates, report.reconnects);
}

}  // namespace gcstreamd
