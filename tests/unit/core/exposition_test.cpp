#include "gcstreamd/core/exposition.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <sstream>

#include "helpers/statuses.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

std::string family_of(const std::string& sample) {
  std::string name = sample.substr(0, sample.find_first_of("{ "));
  for (const std::string suffix : {"_bucket", "_sum", "_count"})
    if (name.starts_with("gcstreamd_event_latency") && name.ends_with(suffix))
      name.resize(name.size() - suffix.size());
  return name;
}

/// A daemon of which everything is known.
DaemonStatus full() {
  DaemonStatus daemon = daemon_status();
  StreamStatus& stream = daemon.streams[0];
  stream.token_expires = wall(1h);
  stream.metrics.frame(wall(1s));
  stream.metrics.delivered({"{}", "a", 42, wall(-20ms)}, wall());
  stream.metrics.reconnect("gap");
  stream.metrics.frame_error(Rejection::Kind::json_parse_error);
  stream.sinks[0].disk_free = 1000;
  return daemon;
}

TEST(ExpositionTest, EveryMetricOfTheContractIsThere) {
  std::set<std::string> families;
  for (const std::string& line : lines_of(to_prometheus(full())))
    if (!line.starts_with('#'))
      families.insert(family_of(line));
  EXPECT_THAT(families, IsSupersetOf({
                            "gcstreamd_connected",
                            "gcstreamd_events_total",
                            "gcstreamd_event_bytes_total",
                            "gcstreamd_heartbeats_total",
                            "gcstreamd_last_event_timestamp_seconds",
                            "gcstreamd_last_frame_timestamp_seconds",
                            "gcstreamd_last_sequence_number",
                            "gcstreamd_durable_sequence_number",
                            "gcstreamd_sink_lag_events",
                            "gcstreamd_sink_failures_total",
                            "gcstreamd_sequence_gaps_total",
                            "gcstreamd_events_lost_total",
                            "gcstreamd_duplicates_total",
                            "gcstreamd_frame_errors_total",
                            "gcstreamd_reconnects_total",
                            "gcstreamd_token_expiry_timestamp_seconds",
                            "gcstreamd_event_latency_seconds",
                            "gcstreamd_disk_free_bytes",
                            "gcstreamd_process_cpu_seconds_total",
                            "gcstreamd_build_info",
                        }));
}

TEST(ExpositionTest, EachFamilyHasOneHeadAndItsSamplesFollowIt) {
  std::map<std::string, int> heads;
  std::string family;
  for (const std::string& line : lines_of(to_prometheus(full()))) {
    if (line.starts_with("# HELP "))
      family = line.substr(7, line.find(' ', 7) - 7);
    if (line.starts_with("# TYPE "))
      ++heads[line.substr(7, line.find(' ', 7) - 7)];
    if (!line.starts_with('#')) {
      EXPECT_EQ(family_of(line), family);
    }
  }
  for (const auto& [name, count] : heads)
    EXPECT_EQ(count, 1) << name;
}

TEST(ExpositionTest, SamplesHaveTheirLabelsAndValues) {
  const std::string text = to_prometheus(full());
  EXPECT_THAT(text, HasSubstr("\ngcstreamd_connected{stream=\"main\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\ngcstreamd_events_total{stream=\"main\",event_type=\"a\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\ngcstreamd_last_sequence_number{stream=\"main\"} 42\n"));
  EXPECT_THAT(text, HasSubstr("\ngcstreamd_sink_lag_events{stream=\"main\",sink=\"file\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("\ngcstreamd_reconnects_total{stream=\"main\",cause=\"gap\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\ngcstreamd_build_info{version=\"1.2.3\"} 1\n"));
}

TEST(ExpositionTest, AStreamOfChannelsTellsOfThem) {
  DaemonStatus daemon = full();
  daemon.streams.push_back(notifications_status());
  daemon.streams[1].name = "other";
  daemon.streams[1].metrics.coverage("coverage_gap");
  daemon.streams[1].metrics.coverage("coverage_gap_filled");
  daemon.streams[1].metrics.coverage("events_lost");
  const std::string text = to_prometheus(daemon);
  for (const auto* sample :
       {"local_sequence_number{stream=\"other\"} 42", "channels{stream=\"other\"} 3",
        "channels_live{stream=\"other\"} 2", "topics{stream=\"other\"} 2500",
        "topics_rejected{stream=\"other\"} 1", "coverage_gaps_waiting{stream=\"other\"} 4",
        "api_requests_used{stream=\"other\"} 17", "coverage_gaps_total{stream=\"other\"} 1",
        "coverage_gaps_lost_total{stream=\"other\"} 1", "coverage_gaps_total{stream=\"main\"} 0"})
    EXPECT_THAT(text, HasSubstr(std::string("\ngcstreamd_") + sample + "\n"));
  EXPECT_THAT(text, Not(HasSubstr("channels{stream=\"main\"}")));
}

TEST(ExpositionTest, TheHistogramAddsUp) {
  DaemonStatus daemon = full();
  daemon.streams[0].metrics.delivered({"{}", "a", 43, wall(-10min)}, wall());
  const std::string text = to_prometheus(daemon);
  EXPECT_THAT(text, HasSubstr("_bucket{stream=\"main\",le=\"0.005\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{stream=\"main\",le=\"0.025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{stream=\"main\",le=\"300\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{stream=\"main\",le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_seconds_count{stream=\"main\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_seconds_sum{stream=\"main\"} 600.02\n"));
}

TEST(ExpositionTest, WhatIsNotKnownHasNoSample) {
  DaemonStatus daemon = daemon_status();
  daemon.streams[0].last.reset();
  daemon.streams[0].sinks[0].durable.reset();
  const std::string text = to_prometheus(daemon);
  for (const auto* name : {"last_sequence_number{", "durable_sequence_number{",
                           "token_expiry_timestamp_seconds{", "last_event_timestamp_seconds{"})
    EXPECT_THAT(text, Not(HasSubstr(std::string("gcstreamd_") + name)));
}

TEST(ExpositionTest, AStreamThatGaveUpIsStillTheOneThatIsNotConnected) {
  DaemonStatus daemon = daemon_status();
  daemon.streams[0].state = StreamState::ended;
  daemon.streams[0].connected_since.reset();
  EXPECT_THAT(to_prometheus(daemon), HasSubstr("gcstreamd_connected{stream=\"main\"} 0\n"));
}

TEST(ExpositionTest, LabelsFromOutsideAreEscaped) {
  DaemonStatus daemon = daemon_status();
  daemon.streams[0].metrics.delivered({"{}", "a\"b\\c\nd", 1, std::nullopt}, wall());
  EXPECT_THAT(to_prometheus(daemon), HasSubstr(R"(event_type="a\"b\\c\nd"} 1)"));
}

TEST(ExpositionTest, TheLargestNumbersAreWhole) {
  DaemonStatus daemon = daemon_status();
  daemon.streams[0].last = kMaxNumber;
  EXPECT_THAT(to_prometheus(daemon), HasSubstr("number{stream=\"main\"} 9007199254740991\n"));
}

}  // namespace
}  // namespace gcstreamd
