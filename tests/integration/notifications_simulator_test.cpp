#include <fmt/format.h>
#include <csignal>
#include <map>
#include <regex>
#include <set>

#include "integration/notifications_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

/// An event's place in its conversation, as a details query tells it too.
using Moment = std::pair<std::string, std::string>;

std::string to_milliseconds(std::uint64_t epoch_ms) {
  const std::chrono::system_clock::time_point time{std::chrono::milliseconds{epoch_ms}};
  return fmt::format("{}.{:03}", utc(time).substr(0, 19), epoch_ms % 1000);
}

struct Happened {
  std::string frame;
  Moment moment;
  bool heard = false;  ///< some subscribed socket was sent all of it
};

/// What the simulator says of the topics that the stream has, from its first channel on.
std::vector<Happened> read_truth(const std::filesystem::path& path) {
  std::map<std::uint64_t, Happened> events;
  bool begun = false;
  for (const std::string& text : read_lines(path)) {
    const json line = json::parse(text);
    begun = begun || line.value("live", false);
    if (!begun) {
      continue;
    }
    if (line.contains("unsent")) {
      events[line.at("unsent")].heard = false;
    } else if (line.contains("event") && std::regex_match(line.at("topic").get<std::string>(),
                                                          std::regex("v2\\.routing\\.queues\\..*"
                                                                     "\\.conversations"))) {
      const json& frame = line.at("frame");
      events[line.at("event")] = {
          frame.dump(),
          {line.at("conversation"), to_milliseconds(frame.at("eventBody").at("eventTime"))},
          line.at("sockets") > 0};
    }
  }
  std::vector<Happened> all;
  for (auto& [number, event] : events) {
    if (!event.frame.empty()) {
      all.push_back(std::move(event));
    }
  }
  return all;
}

/// What the file sink holds.
struct Delivered {
  explicit Delivered(const Lines& lines) {
    for (const std::string& text : lines) {
      const json line = json::parse(text);
      if (!line.contains("recovered")) {
        ++live[line.dump()];
        continue;
      }
      const json& row = line.at("conversation");
      for (const json& participant : row.at("participants")) {
        for (const json& session : participant.at("sessions")) {
          for (const json& segment : session.at("segments")) {
            recovered.emplace(row.at("conversationId"),
                              segment.at("segmentStart").get<std::string>().substr(0, 23));
          }
        }
      }
    }
  }
  bool has(const Happened& event) const {
    return live.contains(event.frame) || recovered.contains(event.moment);
  }

  std::map<std::string, int> live;
  std::set<Moment> recovered;
};

std::vector<std::string> missing_of(const std::vector<Happened>& truth,
                                    const Delivered& delivered) {
  std::vector<std::string> missing;
  for (const Happened& event : truth) {
    if (!delivered.has(event)) {
      missing.push_back(event.frame);
    }
  }
  return missing;
}

/// The daemon against the simulator's Notifications API, whose hours are seconds here.
class NotificationsSimulatorTest : public StreamTest {
 protected:
  void start_simulator(std::string_view script, const std::vector<std::string>& more = {}) {
    const auto file = simulator_.write("script.sim", script);
    std::vector<std::string> arguments{"--protocol",  "notifications",
                                       "--port",      "0",
                                       "--seed",      "7",
                                       "--rate",      "100",
                                       "--directory", simulator_.path().string(),
                                       "--truth",     truth_path().string(),
                                       "--script",    file.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    server_.emplace(Command{GCSTREAM_SIM_BINARY, arguments, {}, simulator_.path()});
    const std::string line = wait_for_line_count(server_->stdout_path(), 1).at(0);
    std::smatch port;
    if (!std::regex_search(line, port, std::regex("127\\.0\\.0\\.1:(\\d+)"))) {
      throw std::runtime_error("no port in: " + line);
    }
    configure("https://localhost:" + port[1].str());
  }

  void configure(const std::string& api_url) {
    stream()["protocol"] = "notifications";
    stream()["endpoints"] = {{"oauth_url", api_url + "/oauth/token"}, {"api_url", api_url}};
    stream()["oauth"] = {{"client_id", "demo-client"},
                         {"client_secret_file", (simulator_ / "client_secret").string()}};
    stream()["tls"]["ca_file"] = (simulator_ / "ca.pem").string();
    stream().erase("event_types");
    stream()["queues"] = {"*"};
    stream()["channels"] = {{"overlap_ms", 200}};
    stream()["backfill"] = {{"delays_s", {1, 2}}, {"overlap_s", 1}};
    stream()["reconnect"] = {{"base_delay_ms", 20}, {"max_delay_ms", 200}};
  }

  /// The story ends, and everything that happened is in the file.
  void settle() {
    server_->signal(SIGUSR1);
    wait_for_lines(events_path(), "everything that happened, live or recovered",
                   [this](const Lines& lines) {
                     const auto truth = read_truth(truth_path());
                     return !truth.empty() && missing_of(truth, Delivered(lines)).empty();
                   });
  }

  std::filesystem::path truth_path() const { return simulator_ / "truth.ndjson"; }

  TempDir simulator_;
  std::optional<Process> server_;
};

constexpr std::string_view kDay = R"(serve 1
notice socket_closing 1
serve 2
notice token_revoked
serve 1
service down
happen 60
wait 0.3
service up
serve 1
notice no_longer_subscribed
serve 1
channel expire close
serve 1
channel displace 1000
serve 1
)";

TEST_F(NotificationsSimulatorTest, each_event_of_a_day_is_delivered_once_live_or_recovered) {
  start_simulator(kDay, {"--heartbeat-s", "0.5"});
  run();
  await("channel_closing", 1);
  reload();
  await("coverage_gap_filled", 1);
  await("channel_closing", 3);
  settle();
  daemon_->signal(SIGTERM);
  EXPECT_EQ(daemon_->wait_exit(), 0);
  const auto truth = read_truth(truth_path());
  const Delivered delivered(read_lines(events_path()));
  for (const auto& [frame, times] : delivered.live) {
    EXPECT_EQ(times, 1) << frame;
  }
  EXPECT_EQ(missing_of(truth, delivered), std::vector<std::string>{});
  EXPECT_TRUE(records("events_lost").empty());
  EXPECT_TRUE(records("sequence_gap_detected").empty());
}

TEST_F(NotificationsSimulatorTest, kills_in_the_flow_lose_and_double_nothing) {
  start_simulator("serve 8");
  for (std::size_t i = 1; i <= 3; ++i) {
    run();
    await("channel_opened", i);
    await_events(100 * i);
    daemon_->signal(SIGKILL);
    EXPECT_EQ(daemon_->wait_exit(), 128 + SIGKILL);
  }
  run();
  settle();
  daemon_->signal(SIGTERM);
  EXPECT_EQ(daemon_->wait_exit(), 0);
  const Delivered delivered(read_lines(events_path()));
  for (const auto& [frame, times] : delivered.live) {
    EXPECT_EQ(times, 1) << frame;
  }
  EXPECT_GE(records("coverage_gap").size(), 3U);
  EXPECT_TRUE(records("events_lost").empty());
}

}  // namespace
}  // namespace gcstreamd::testing
