#include <csignal>
#include <fstream>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// What a process holds that must not grow.
struct Holdings {
  std::size_t descriptors = 0;
  std::size_t resident_kib = 0;
};

Holdings holdings_of(pid_t pid) {
  const fs::path proc = fs::path("/proc") / std::to_string(pid);
  Holdings held;
  const fs::directory_iterator descriptors(proc / "fd");
  held.descriptors = static_cast<std::size_t>(std::distance(begin(descriptors), end(descriptors)));
  std::ifstream status(proc / "status");
  for (std::string word; status >> word;) {
    if (word == "VmRSS:") {
      status >> held.resident_kib;
    }
  }
  return held;
}

class EnduranceTest : public StreamTest {
 protected:
  /// One event through each of so many connections, and a reload that changes something after
  /// every tenth.
  void reconnect(unsigned times, Session& session) {
    for (unsigned i = 0; i < times; ++i) {
      session.socket.send(event(++number_));
      await_event();
      if (number_ % 10 == 0) {
        reload_something();
      }
      session.socket.drop();
      session = peer_.reopen_stream();
      ASSERT_EQ(session.subscription.at("sequenceNumber"), number_);
    }
  }
  void await_event() {
    delivered_bytes_ += event(number_).size() + 1;
    wait_for_size(events_path(), delivered_bytes_);
  }
  void reload_something() {
    stream()["integrity"]["gap_threshold"] = number_;
    reload();
    ++reloads_;
    std::string news;
    do {
      wait_for_size(audit_path(), seen_ + news.size() + 1);
      news += read_file(audit_path()).substr(seen_ + news.size());
    } while (news.find(R"("type":"config_reloaded")") == std::string::npos);
    seen_ += news.size();
  }

  std::uint64_t number_ = 0;
  std::uintmax_t delivered_bytes_ = 0;
  std::size_t reloads_ = 0;
  std::size_t seen_ = 0;  ///< bytes of the audit log
};

TEST_F(EnduranceTest, two_thousand_reconnects_and_two_hundred_reloads_cost_nothing_that_stays) {
  config_["log"]["level"] = "error";
  stream()["reconnect"] = {{"base_delay_ms", 1}, {"max_delay_ms", 1}};
  audit_sink()["fsync"] = "never";
  file_sink()["fsync"] = "never";
  run({{"ASAN_OPTIONS", "quarantine_size_mb=1:thread_local_quarantine_size_kb=16"}});
  Session session = peer_.open_stream();
  reconnect(400, session);
  const Holdings before = holdings_of(daemon_->pid());
  reconnect(1600, session);
  const Holdings after = holdings_of(daemon_->pid());
  EXPECT_EQ(after.descriptors, before.descriptors);
  EXPECT_LE(after.resident_kib, before.resident_kib + before.resident_kib / 20 + 1024);
  EXPECT_EQ(read_lines(events_path()), events(1, 2000));
  EXPECT_EQ(reloads_, 200U);
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(records("config_reloaded").size(), 200U);
  EXPECT_GE(records("scheduling_reconnect").size(), 2000U);
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

}  // namespace
}  // namespace gcstreamd::testing
