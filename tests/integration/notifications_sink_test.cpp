#include <gmock/gmock.h>

#include <csignal>

#include "integration/notifications_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
namespace fs = std::filesystem;

/// `/dev/full` opens like any file and has never room: ENOSPC without a disk.
class NotificationsSinkTest : public NotificationsTest {
 protected:
  void fill(json& sink) {
    fs::create_symlink("/dev/full", full_path_);
    sink["path"] = full_path_.string();
    sink["retry"] = {{"base_delay_ms", 10}, {"max_delay_ms", 20}};
  }
  /// From now on the same path is an ordinary file.
  void make_room() const {
    const fs::path link = dir_ / "room";
    fs::create_symlink(dir_ / "roomy.ndjson", link);
    fs::rename(link, full_path_);
  }

  fs::path full_path_ = dir_ / "full";
};

TEST_F(NotificationsSinkTest, a_required_sink_that_fails_closes_the_socket_and_its_time_is_a_gap) {
  fill(file_sink());
  WebSocket old = begin();
  old.send(notification(1));
  EXPECT_EQ(old.expect_close().code, 1000);
  EXPECT_EQ(first("sink_failed").at("sink"), "file");
  make_room();
  WebSocket socket = open_socket("channel-1-secret");
  EXPECT_EQ(first("coverage_gap").at("cause"), "sink");
  send_all(socket, notifications(2, 4));
  EXPECT_EQ(wait_for_line_count(dir_ / "roomy.ndjson", 4), notifications(1, 4));
  EXPECT_EQ(stop(socket), 0);
  EXPECT_THAT(numbers(), ElementsAre(1, 2, 3, 4));
}

TEST_F(NotificationsSinkTest, what_comes_while_a_required_sink_is_down_is_lost_to_it_alone) {
  fill(file_sink());
  WebSocket old = begin();
  send_all(old, notifications(1, 2));
  first("sink_failed");
  EXPECT_EQ(old.expect_close().code, 1000);
  daemon_->signal(SIGTERM);
  EXPECT_NE(daemon_->wait_exit(), 70);
  make_room();
  WebSocket socket = begin("channel-2-secret");
  const json lost = fields_of(first("events_lost"));
  EXPECT_EQ(lost.at("sink"), "file");
  EXPECT_EQ(lost.at("to"), numbers().back());
  socket.send(notification(3));
  EXPECT_EQ(wait_for_line_count(dir_ / "roomy.ndjson", 1), notifications(3, 3));
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(NotificationsSinkTest, planned_changes_in_a_flow_of_events_miss_and_double_nothing) {
  constexpr std::uint64_t kEach = 50;
  WebSocket old = begin("channel-0-secret");
  std::uint64_t sent = 0;
  for (int round = 1; round <= 3; ++round) {
    send_all(old, notifications(sent + 1, sent + kEach));
    stream()["topics"] = round % 2 == 0 ? json{kQueueTopic} : json{kQueueTopic, kUserTopic};
    reload();
    WebSocket next = open_channel("channel-" + std::to_string(round) + "-secret");
    send_all(old, notifications(sent + kEach + 1, sent + 2 * kEach));
    send_all(next, notifications(sent + 1, sent + 2 * kEach));
    sent += 2 * kEach;
    old.expect_close();
    old = std::move(next);
  }
  await_events(sent);
  EXPECT_EQ(stop(old), 0);
  Lines lines = read_lines(events_path());
  std::sort(lines.begin(), lines.end());
  Lines all = notifications(1, sent);
  std::sort(all.begin(), all.end());
  EXPECT_EQ(first_difference(lines, all), "");
  EXPECT_EQ(numbers().size(), sent);
  EXPECT_TRUE(records("coverage_gap").empty());
}

}  // namespace
}  // namespace gcstreamd::testing
