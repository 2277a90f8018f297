#include "gcstreamd/core/status_json.hpp"

#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>

#include "gcstreamd/core/readiness.hpp"
#include "gcstreamd/core/time_format.hpp"

namespace gcstreamd {
namespace {

using Json = nlohmann::ordered_json;

Json time(std::optional<WallTime> when) {
  return when ? Json(format_time(*when)) : Json(nullptr);
}

template <class Number>
Json number(std::optional<Number> value) {
  return value ? Json(*value) : Json(nullptr);
}

/// Three decimals are enough for people and charts.
double rounded(double value) {
  constexpr double kThousand = 1000;
  return std::round(value * kThousand) / kThousand;
}

Json millis(std::optional<std::chrono::microseconds> duration) {
  return duration ? Json(rounded(std::chrono::duration<double, std::milli>(*duration).count()))
                  : Json(nullptr);
}

Json counts(const LabelledCounter& counter) {
  Json object = Json::object();
  for (const auto& count : counter.counts())
    object[count.label] = count.value;
  return object;
}

Json sink(const SinkStatus& sink) {
  return {{"name", sink.name},
          {"type", sink.type},
          {"path", sink.path.empty() ? Json(nullptr) : Json(sink.path)},
          {"required", sink.required},
          {"state", name(sink.state)},
          {"durableSequenceNumber", number(sink.durable)},
          {"lagEvents", sink.lag},
          {"failures", sink.failures},
          {"error", sink.error.empty() ? Json(nullptr) : Json(sink.error)},
          {"diskFreeBytes", number(sink.disk_free)}};
}

Json incidents(const std::deque<Incidents::Incident>& list) {
  Json array = Json::array();
  for (const auto& incident : list) {
    Json one = {{"type", incident.type},
                {"severity", name(severity(incident.type))},
                {"first", format_time(incident.first)},
                {"last", format_time(incident.last)},
                {"count", incident.count}};
    one["fields"] = Json::parse(incident.fields, nullptr, false);
    array.push_back(std::move(one));
  }
  return array;
}

Json trend(const Trend& trend) {
  Json rate = Json::array();
  Json latency = Json::array();
  for (const Trend::Point& point : trend.points()) {
    rate.push_back(rounded(point.rate));
    latency.push_back(point.latency_ms ? Json(rounded(*point.latency_ms)) : Json(nullptr));
  }
  return {{"stepS", Trend::kStep.count()},
          {"end", trend.points().empty() ? Json(nullptr) : Json(format_time(trend.end()))},
          {"rate", std::move(rate)},
          {"latencyMs", std::move(latency)}};
}

Json latency(const LatencyHistogram& histogram) {
  constexpr double kHalf = 0.5;
  constexpr double kMost = 0.95;
  constexpr double kNearlyAll = 0.99;
  return {{"p50", millis(histogram.quantile(kHalf))},
          {"p95", millis(histogram.quantile(kMost))},
          {"p99", millis(histogram.quantile(kNearlyAll))}};
}

Json notifications(const NotificationsStatus& status) {
  constexpr std::size_t kShown = 50;
  Json rejected = Json::array();
  for (const TopicVerdict& topic : status.rejected)
    if (rejected.size() < kShown)
      rejected.push_back({{"topic", topic.topic},
                          {"reason", topic.reason},
                          {"missingPermissions", topic.missing_permissions}});
  return {{"localSequence", status.local},
          {"channels", status.channels},
          {"channelsLive", status.channels_live},
          {"topics", status.topics},
          {"topicsRejected", status.rejected.size()},
          {"rejected", std::move(rejected)},
          {"gapsWaiting", status.gaps_waiting},
          {"unheardFrom", time(status.unheard_from)},
          {"requestsUsed", status.requests_used}};
}

Json stream(const StreamStatus& stream) {
  const Metrics& metrics = stream.metrics;
  const auto& points = stream.trend.points();
  Json json = {{"name", stream.name},
               {"ready", unready(stream).empty()},
               {"state", name(stream.state)},
               {"since", format_time(stream.since)},
               {"attempts", stream.attempts},
               {"nextAttempt", time(stream.next_attempt)},
               {"connectedSince", time(stream.connected_since)},
               {"lastSequenceNumber", number(stream.last)},
               {"ratePerS", points.empty() || stream.state == StreamState::ended
                                ? Json(nullptr)
                                : Json(rounded(points.back().rate))},
               {"latencyMs", latency(metrics.latency())},
               {"events", metrics.event_types().total()},
               {"eventsByType", counts(metrics.event_types())},
               {"eventBytes", metrics.bytes()},
               {"heartbeats", metrics.heartbeats()},
               {"lastEvent", time(metrics.last_event())},
               {"lastFrame", time(metrics.last_frame())},
               {"gaps", metrics.gaps()},
               {"lost", metrics.events_lost()},
               {"duplicates", metrics.duplicates()},
               {"frameErrors", counts(metrics.frame_errors())},
               {"reconnects", counts(metrics.reconnect_causes())},
               {"tokenExpires", time(stream.token_expires)},
               {"coverageGaps", metrics.coverage_gaps()},
               {"coverageGapsLost", metrics.coverage_gaps_lost()},
               {"positionSaved", stream.position_saved},
               {"notifications",
                stream.notifications ? notifications(*stream.notifications) : Json(nullptr)}};
  json["sinks"] = Json::array();
  for (const SinkStatus& one : stream.sinks)
    json["sinks"].push_back(sink(one));
  json["timeline"] = incidents(stream.incidents.timeline());
  json["faults"] = incidents(stream.incidents.faults());
  json["trend"] = trend(stream.trend);
  return json;
}

}  // namespace

std::string to_json(const DaemonStatus& daemon) {
  const auto reasons = unready(daemon);
  Json json = {{"version", daemon.version},
               {"pid", daemon.pid},
               {"started", format_time(daemon.started)},
               {"now", format_time(daemon.now)},
               {"ready", reasons.empty()},
               {"notReady", reasons}};
  json["streams"] = Json::array();
  for (const StreamStatus& one : daemon.streams)
    json["streams"].push_back(stream(one));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gcstreamd
