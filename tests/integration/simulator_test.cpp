#include <csignal>
#include <regex>
#include <set>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

constexpr int kCount = 2000;

/// The daemon against the simulator, which drops, leaves gaps and loses events by itself.
class SimulatorTest : public StreamTest {
 protected:
  Process& start_simulator(const std::vector<std::string>& faults) {
    std::vector<std::string> arguments{"--port",
                                       "0",
                                       "--directory",
                                       simulator_.path().string(),
                                       "--truth",
                                       truth_path().string(),
                                       "--rate",
                                       "1000",
                                       "--count",
                                       std::to_string(kCount),
                                       "--wait-for-client",
                                       "--seed",
                                       "7"};
    arguments.insert(arguments.end(), faults.begin(), faults.end());
    Process& process =
        server_.emplace(Command{GCSTREAM_SIM_BINARY, arguments, {}, simulator_.path()});
    const std::string line = wait_for_line_count(process.stdout_path(), 1).at(0);
    std::smatch port;
    if (!std::regex_search(line, port, std::regex("127\\.0\\.0\\.1:(\\d+)"))) {
      throw std::runtime_error("no port in: " + line);
    }
    configure(port[1]);
    return process;
  }

  void configure(const std::string& port) {
    stream()["endpoints"] = {
        {"oauth_url", "https://localhost:" + port + "/oauth/token"},
        {"stream_url", "wss://localhost:" + port + "/api/v2/analytics/events/stream"}};
    stream()["oauth"] = {{"client_id", "demo-client"},
                         {"client_secret_file", (simulator_ / "client_secret").string()}};
    stream()["tls"]["ca_file"] = (simulator_ / "ca.pem").string();
    stream()["event_types"] = {"routing:queue:member", "interaction:conversation",
                               "interaction:media", "interaction:participant",
                               "interaction:annotation"};
    stream()["start_at"] = 0;
    stream()["integrity"]["max_resumes_per_minute"] = 600;
  }

  std::filesystem::path truth_path() const { return simulator_ / "truth.ndjson"; }

  TempDir simulator_;
  std::optional<Process> server_;
};

struct Truth {
  Lines sent;
  std::set<std::uint64_t> never_sent;
};

Truth read_truth(const std::filesystem::path& path) {
  Truth truth;
  for (const std::string& line : read_lines(path)) {
    if (line.starts_with(R"({"neverSent":true)")) {
      truth.never_sent.insert(json::parse(line).at("sequenceNumber").get<std::uint64_t>());
    } else {
      truth.sent.push_back(line);
    }
  }
  return truth;
}

std::set<std::uint64_t> numbers_in(const std::vector<json>& lost_ranges) {
  std::set<std::uint64_t> numbers;
  for (const json& range : lost_ranges) {
    for (std::uint64_t n = range.at("from"); n <= range.at("to").get<std::uint64_t>(); ++n) {
      numbers.insert(n);
    }
  }
  return numbers;
}

TEST_F(SimulatorTest, drops_gaps_and_losses_end_in_the_truth) {
  start_simulator({"--drop-every", "300", "--gap-every", "170", "--lose-every", "777"});
  run();
  const Lines delivered = await_events(kCount - kCount / 777);
  const Truth truth = read_truth(truth_path());
  EXPECT_EQ(truth.never_sent, (std::set<std::uint64_t>{777, 1554}));
  EXPECT_EQ(first_difference(delivered, truth.sent), "");
  await("event_received", truth.sent.size());
  EXPECT_EQ(numbers_in(records("events_lost")), truth.never_sent);
  EXPECT_GE(records("sequence_gap_filled").size(), 1U);
  daemon_->signal(SIGTERM);
  EXPECT_EQ(daemon_->wait_exit(), 0);
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

TEST_F(SimulatorTest, a_restart_in_the_middle_loses_and_doubles_nothing) {
  start_simulator({});
  run();
  await_events(200);
  daemon_->signal(SIGTERM);
  EXPECT_EQ(daemon_->wait_exit(), 0);
  run();
  const Lines delivered = await_events(kCount);
  EXPECT_EQ(first_difference(delivered, read_truth(truth_path()).sent), "");
  EXPECT_TRUE(records("events_lost").empty());
}

}  // namespace
}  // namespace gcstreamd::testing
