#include "gcstreamd/core/exposition.hpp"

#include <fmt/format.h>

#include <functional>
#include <initializer_list>
#include <utility>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::initializer_list<Label>;

double seconds(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

double seconds(std::chrono::microseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

/// Writes families one after the other; all samples of one follow its head.
class Exposition {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = fmt::format("gcstreamd_{}", name);
    text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name_, help, name_, type);
  }

  template <class Number>
  void sample(Labels labels, Number value, std::string_view suffix = "") {
    text_ += name_;
    text_ += suffix;
    append(labels);
    text_ += fmt::format(" {}\n", value);
  }

  std::string take() { return std::move(text_); }

 private:
  void append(Labels labels) {
    char before = '{';
    for (const auto& [label, value] : labels) {
      std::string escaped = clip(value, kLongestValue);
      replace_all(escaped, "\\", "\\\\");
      replace_all(escaped, "\"", "\\\"");
      replace_all(escaped, "\n", "\\n");
      text_ += fmt::format("{}{}=\"{}\"", before, label, escaped);
      before = ',';
    }
    if (labels.size() > 0)
      text_ += '}';
  }

  static constexpr std::size_t kLongestValue = 200;

  std::string text_;
  std::string name_;
};

class Writer {
 public:
  explicit Writer(const DaemonStatus& daemon) : daemon_(daemon) {}

  std::string write() {
    write_connection();
    write_events();
    write_sequence();
    write_channels();
    write_sinks();
    write_faults();
    write_latency();
    write_process();
    return out_.take();
  }

 private:
  using Value = std::function<std::optional<double>(const StreamStatus&)>;
  using Count = std::function<std::uint64_t(const StreamStatus&)>;

  void gauge(std::string_view name, std::string_view help, const Value& value) {
    out_.family(name, "gauge", help);
    for (const StreamStatus& stream : daemon_.streams)
      if (const auto known = value(stream))
        out_.sample({{"stream", stream.name}}, *known);
  }

  void counter(std::string_view name, std::string_view help, const Count& count) {
    out_.family(name, "counter", help);
    for (const StreamStatus& stream : daemon_.streams)
      out_.sample({{"stream", stream.name}}, count(stream));
  }

  /// Of streams of the protocol `notifications`.
  void notified(std::string_view name, std::string_view help,
                const std::function<std::uint64_t(const NotificationsStatus&)>& value) {
    gauge(name, help, [&](const StreamStatus& stream) {
      return stream.notifications ? number(value(*stream.notifications)) : std::nullopt;
    });
  }

  void counters(std::string_view name, std::string_view label, std::string_view help,
                const LabelledCounter& (Metrics::*of)() const) {
    out_.family(name, "counter", help);
    for (const StreamStatus& stream : daemon_.streams)
      for (const auto& count : (stream.metrics.*of)().counts())
        out_.sample({{"stream", stream.name}, {label, count.label}}, count.value);
  }

  void write_connection() {
    gauge("connected", "Whether the stream's connection is open.",
          [](const auto& stream) { return stream.connected_since ? 1 : 0; });
    counters("reconnects_total", "cause", "Connections after the first that were scheduled.",
             &Metrics::reconnect_causes);
    gauge("token_expiry_timestamp_seconds", "When the newest token ends.",
          [](const auto& stream) { return time(stream.token_expires); });
    gauge("last_frame_timestamp_seconds", "When anything came last, pongs and heartbeats too.",
          [](const auto& stream) { return time(stream.metrics.last_frame()); });
  }

  void write_events() {
    counters("events_total", "event_type", "Events that were handed to the sinks.",
             &Metrics::event_types);
    counter("event_bytes_total", "Bytes of the events that were handed to the sinks.",
            [](const auto& stream) { return stream.metrics.bytes(); });
    counter("heartbeats_total", "Heartbeats from the server.",
            [](const auto& stream) { return stream.metrics.heartbeats(); });
    gauge("last_event_timestamp_seconds", "When the last event came.",
          [](const auto& stream) { return time(stream.metrics.last_event()); });
  }

  void write_sequence() {
    gauge("last_sequence_number", "The last number of the unbroken sequence.",
          [](const auto& stream) { return number(stream.last); });
    counter("sequence_gaps_total", "Gaps that were found in the sequence.",
            [](const auto& stream) { return stream.metrics.gaps(); });
    counter("events_lost_total", "Events that no sink will get; the audit log names them.",
            [](const auto& stream) { return stream.metrics.events_lost(); });
    counter("coverage_gaps_total", "Windows of time without a live channel.",
            [](const auto& stream) { return stream.metrics.coverage_gaps(); });
    counter("coverage_gaps_lost_total",
            "Such windows that could not be filled in; the audit log names them.",
            [](const auto& stream) { return stream.metrics.coverage_gaps_lost(); });
    counter("duplicates_total", "Events that came again and were left out.",
            [](const auto& stream) { return stream.metrics.duplicates(); });
  }

  void write_channels() {
    notified("local_sequence_number", "The last number that an event was given here.",
             [](const auto& of) { return of.local; });
    notified("channels", "Channels that the topics take.",
             [](const auto& of) { return of.channels; });
    notified("channels_live", "Channels that are heard.",
             [](const auto& of) { return of.channels_live; });
    notified("topics", "Topics that are asked for.", [](const auto& of) { return of.topics; });
    notified("topics_rejected", "Those that the service rejects; topic_rejected names them.",
             [](const auto& of) { return of.rejected.size(); });
    notified("coverage_gaps_waiting", "Windows that are still to be filled in, or again.",
             [](const auto& of) { return of.gaps_waiting; });
    notified("api_requests_used", "REST calls with the client's id within the last minute.",
             [](const auto& of) { return of.requests_used; });
  }

  void write_sinks() {
    sinks("durable_sequence_number", "gauge", "The last number that the sink holds durably.",
          [](const SinkStatus& sink) { return number(sink.durable); });
    sinks("sink_lag_events", "gauge", "Numbers that the sink was given and does not hold durably.",
          [](const SinkStatus& sink) { return static_cast<double>(sink.lag); });
    sinks("disk_free_bytes", "gauge", "Free space where the sink's file is.",
          [](const SinkStatus& sink) { return number(sink.disk_free); });
    sinks("sink_failures_total", "counter",
          "Times that the sink failed; state_dir is the position's.",
          [](const SinkStatus& sink) { return static_cast<double>(sink.failures); });
    for (const StreamStatus& stream : daemon_.streams)
      out_.sample({{"stream", stream.name}, {"sink", "state_dir"}}, stream.position_failures);
  }

  void sinks(std::string_view name, std::string_view type, std::string_view help,
             const std::function<std::optional<double>(const SinkStatus&)>& value) {
    out_.family(name, type, help);
    for (const StreamStatus& stream : daemon_.streams)
      for (const SinkStatus& sink : stream.sinks)
        if (const auto known = value(sink))
          out_.sample({{"stream", stream.name}, {"sink", sink.name}}, *known);
  }

  void write_faults() {
    counters("frame_errors_total", "kind", "Messages that were no event and were left out.",
             &Metrics::frame_errors);
  }

  void write_latency() {
    out_.family("event_latency_seconds", "histogram",
                "From an event's own timestamp to its delivery.");
    for (const StreamStatus& stream : daemon_.streams) {
      const LatencyHistogram& latency = stream.metrics.latency();
      std::uint64_t sum = 0;
      for (std::size_t i = 0; i < LatencyHistogram::kBounds.size(); ++i) {
        sum += latency.buckets()[i];
        const std::string bound = fmt::format("{}", seconds(LatencyHistogram::kBounds[i]));
        out_.sample({{"stream", stream.name}, {"le", bound}}, sum, "_bucket");
      }
      out_.sample({{"stream", stream.name}, {"le", "+Inf"}}, latency.count(), "_bucket");
      out_.sample({{"stream", stream.name}}, std::chrono::duration<double>(latency.sum()).count(),
                  "_sum");
      out_.sample({{"stream", stream.name}}, latency.count(), "_count");
    }
  }

  void write_process() {
    const ProcessStatus& process = daemon_.process;
    one("process_cpu_seconds_total", "counter", "CPU time of the process.", process.cpu_seconds);
    one("process_resident_memory_bytes", "gauge", "Memory that is resident.",
        process.resident_bytes);
    one("process_virtual_memory_bytes", "gauge", "Memory that is mapped.", process.virtual_bytes);
    one("process_open_fds", "gauge", "Open file descriptors.", process.open_files);
    one("process_max_fds", "gauge", "File descriptors that may be open.", process.max_files);
    one("process_start_time_seconds", "gauge", "When the process started.",
        seconds(daemon_.started));
    out_.family("build_info", "gauge", "Always 1; the version is a label.");
    out_.sample({{"version", daemon_.version}}, 1);
  }

  template <class Number>
  void one(std::string_view name, std::string_view type, std::string_view help, Number value) {
    out_.family(name, type, help);
    out_.sample({}, value);
  }

  static std::optional<double> time(std::optional<WallTime> when) {
    return when ? std::optional(seconds(*when)) : std::nullopt;
  }
  static std::optional<double> number(std::optional<std::uint64_t> value) {
    return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
  }

  const DaemonStatus& daemon_;
  Exposition out_;
};

}  // namespace

std::string to_prometheus(const DaemonStatus& daemon) {
  return Writer(daemon).write();
}

}  // namespace gcstreamd
