#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "gcstreamd/core/audit_record.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// One stream's counters. Observes and never steers.
class Metrics {
 public:
  explicit Metrics(SteadyTime now) : last_report_(now) {}

  void connected(SteadyTime now) { connected_at_ = now; }
  void disconnected() { connected_at_.reset(); }
  void event(std::optional<WallTime> timestamp, WallTime now);
  void heartbeat(WallTime now);
  void gap() { ++gaps_; }
  void lost(std::uint64_t count) { lost_ += count; }
  void duplicate() { ++duplicates_; }
  void reconnect() { ++reconnects_; }

  std::uint64_t messages() const { return messages_; }
  std::uint64_t events_lost() const { return lost_; }

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
  std::uint64_t reconnects_ = 0;
  std::chrono::microseconds latency_sum_{0};
  std::uint64_t latency_count_ = 0;
};

/// The report as its audit record, and as one line for people.
AuditRecord to_record(const Metrics::Report& report);
std::string to_line(const Metrics::Report& report);

}  // namespace gcstreamd
