#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gcstreamd/core/audit_record.hpp"
#include "gcstreamd/core/event.hpp"
#include "gcstreamd/core/labelled_counter.hpp"
#include "gcstreamd/core/latency_histogram.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// One stream's counters. Observes and never steers; a value, which a reader may copy.
class Metrics {
 public:
  explicit Metrics(SteadyTime now);

  /// These types are counted from 0, not from their first event on.
  void expect(std::span<const std::string> event_types);
  void connected(SteadyTime now) { connected_at_ = now; }
  void disconnected() { connected_at_.reset(); }
  /// Bytes came, of whatever kind.
  void frame(WallTime now) { last_frame_ = now; }
  /// An event came, which may be a duplicate or come too early.
  void event(std::optional<WallTime> timestamp, WallTime now);
  /// It was handed to the sinks.
  void delivered(const Event& event, WallTime now);
  void heartbeat(WallTime now);
  void frame_error(Rejection::Kind kind) { frame_errors_.add(name(kind)); }
  void gap() { ++gaps_; }
  void lost(std::uint64_t count) { lost_ += count; }
  void duplicate() { ++duplicates_; }
  void reconnect(std::string_view cause);
  /// A record of coverage: `coverage_gap`, or `events_lost` for a window of time.
  void coverage(std::string_view record_type);

  std::uint64_t messages() const { return messages_; }
  std::uint64_t events_lost() const { return lost_; }
  std::uint64_t gaps() const { return gaps_; }
  std::uint64_t duplicates() const { return duplicates_; }
  std::uint64_t coverage_gaps() const { return coverage_gaps_; }
  std::uint64_t coverage_gaps_lost() const { return coverage_gaps_lost_; }
  std::uint64_t heartbeats() const { return heartbeats_; }
  std::uint64_t bytes() const { return bytes_; }
  /// Of events that were handed to the sinks.
  const LabelledCounter& event_types() const { return event_types_; }
  const LabelledCounter& frame_errors() const { return frame_errors_; }
  const LabelledCounter& reconnect_causes() const { return reconnect_causes_; }
  const LatencyHistogram& latency() const { return latency_; }
  std::optional<SteadyTime> connected_at() const { return connected_at_; }
  std::optional<WallTime> last_event() const { return last_event_; }  ///< when it came
  std::optional<WallTime> last_frame() const { return last_frame_; }

  /// What the periodic report says; `latency` is the mean over the events since the last one.
  struct Report {
    std::optional<double> latency_ms;
    double throughput_eps = 0;
    std::uint64_t messages = 0;
    std::uint64_t heartbeats = 0;
    std::optional<WallTime> last_heartbeat;
    std::uint64_t gaps = 0;
    std::uint64_t lost = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t reconnects = 0;
    double uptime_s = 0;  ///< since the connection opened; 0 without one
  };
  /// Ends a period and starts the next.
  Report report(SteadyTime now);

 private:
  SteadyTime last_report_;
  std::optional<SteadyTime> connected_at_;
  std::uint64_t messages_ = 0;
  std::uint64_t messages_reported_ = 0;
  std::uint64_t heartbeats_ = 0;
  std::optional<WallTime> last_heartbeat_;
  std::uint64_t gaps_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t coverage_gaps_ = 0;
  std::uint64_t coverage_gaps_lost_ = 0;
  LatencyHistogram::Sum latency_sum_{0};
  std::uint64_t latency_count_ = 0;
  std::uint64_t bytes_ = 0;
  LabelledCounter event_types_;
  LabelledCounter frame_errors_;
  LabelledCounter reconnect_causes_;
  LatencyHistogram latency_;
  std::optional<WallTime> last_event_;
  std::optional<WallTime> last_frame_;
};

/// The report as its audit record, and as one line for people.
AuditRecord to_record(const Metrics::Report& report);
std::string to_line(const Metrics::Report& report);

}  // namespace gcstreamd
