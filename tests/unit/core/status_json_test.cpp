#include "gcstreamd/core/status_json.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "helpers/statuses.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

json status_of(const DaemonStatus& daemon) {
  return json::parse(to_json(daemon));
}

TEST(StatusJsonTest, SaysHowTheDaemonIs) {
  const json status = status_of(daemon_status());
  EXPECT_EQ(status.at("version"), "1.2.3");
  EXPECT_EQ(status.at("pid"), 7);
  EXPECT_EQ(status.at("started"), "2026-11-23T18:44:55.000000Z");
  EXPECT_EQ(status.at("ready"), true);
  EXPECT_EQ(status.at("notReady"), json::array());
}

TEST(StatusJsonTest, SaysHowAStreamAndItsSinksAre) {
  const json status = status_of(daemon_status());
  const json& stream = status.at("streams").at(0);
  EXPECT_EQ(stream.at("name"), "main");
  EXPECT_EQ(stream.at("state"), "streaming");
  EXPECT_EQ(stream.at("lastSequenceNumber"), 42);
  EXPECT_EQ(stream.at("tokenExpires"), nullptr);
  EXPECT_EQ(stream.at("ratePerS"), nullptr);
  EXPECT_EQ(stream.at("sinks").at(0), (json{{"name", "file"},
                                            {"type", "file"},
                                            {"path", "/var/log/gcstreamd/events.ndjson"},
                                            {"required", true},
                                            {"state", "working"},
                                            {"durableSequenceNumber", 39},
                                            {"lagEvents", 3},
                                            {"failures", 0},
                                            {"error", nullptr},
                                            {"diskFreeBytes", nullptr}}));
}

TEST(StatusJsonTest, SaysWhatAStreamOfChannelsHears) {
  DaemonStatus daemon = daemon_status();
  EXPECT_EQ(status_of(daemon).at("streams").at(0).at("notifications"), nullptr);
  daemon.streams[0] = notifications_status();
  EXPECT_EQ(status_of(daemon).at("streams").at(0).at("notifications"),
            (json{{"localSequence", 42},
                  {"channels", 3},
                  {"channelsLive", 2},
                  {"topics", 2500},
                  {"topicsRejected", 1},
                  {"rejected",
                   {{{"topic", "v2.users.1.conversations"},
                     {"reason", "no permission"},
                     {"missingPermissions", {"conversation:call:view"}}}}},
                  {"gapsWaiting", 4},
                  {"unheardFrom", "2026-11-23T18:44:55.000000Z"},
                  {"requestsUsed", 17}}));
}

TEST(StatusJsonTest, OfManyRejectedTopicsTheFirstAreShownAndAllCounted) {
  DaemonStatus daemon = daemon_status();
  daemon.streams[0] = notifications_status();
  daemon.streams[0].notifications->rejected.resize(1000);
  const json of = status_of(daemon).at("streams").at(0).at("notifications");
  EXPECT_EQ(of.at("topicsRejected"), 1000);
  EXPECT_EQ(of.at("rejected").size(), 50U);
}

TEST(StatusJsonTest, SaysWhyItIsNotReady) {
  DaemonStatus daemon = daemon_status();
  daemon.streams[0].sinks[0].state = SinkState::failed;
  const json status = status_of(daemon);
  EXPECT_EQ(status.at("ready"), false);
  EXPECT_EQ(status.at("notReady").size(), 1U);
  EXPECT_EQ(status.at("streams").at(0).at("ready"), false);
}

TEST(StatusJsonTest, TheTrendHasItsStepsWithANullWhereNoEventHadATime) {
  DaemonStatus daemon = daemon_status();
  Trend& trend = daemon.streams[0].trend;
  LatencyHistogram latency;
  trend.on_tick(0, latency, now_at(0s));
  latency.observe(1500us);
  trend.on_tick(5, latency, now_at(5s));
  trend.on_tick(5, latency, now_at(10s));
  const json stream = status_of(daemon).at("streams").at(0);
  EXPECT_EQ(stream.at("trend"), (json{{"stepS", 5},
                                      {"end", "2026-11-23T18:45:05.000000Z"},
                                      {"rate", {1.0, 0.0}},
                                      {"latencyMs", {1.5, nullptr}}}));
  EXPECT_EQ(stream.at("ratePerS"), 0.0);
}

TEST(StatusJsonTest, FaultsCarryWhatToDoNext) {
  DaemonStatus daemon = daemon_status();
  daemon.streams[0].incidents.on(AuditRecord("events_lost").number("from", 3).null("to"), wall());
  const json stream = status_of(daemon).at("streams").at(0);
  EXPECT_EQ(stream.at("timeline").at(0).at("severity"), "error");
  const json& fault = stream.at("faults").at(0);
  EXPECT_EQ(fault.at("fields").at("from"), 3);
  EXPECT_EQ(fault.at("fields").at("to"), nullptr);
  EXPECT_FALSE(fault.at("fields").at("hint").get<std::string>().empty());
}

TEST(StatusJsonTest, IsOneLineWhateverItHolds) {
  DaemonStatus daemon = daemon_status();
  daemon.streams[0].sinks[0].error = "two\nlines and \xff";
  const std::string text = to_json(daemon);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_TRUE(json::accept(text));
}

}  // namespace
}  // namespace gcstreamd
