#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <map>

#include "integration/notifications_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
namespace fs = std::filesystem;

/// Numbers and what is known twice, over restarts.
class NotificationsRestartTest : public NotificationsTest {
 protected:
  void expect_each_once(std::uint64_t last) {
    EXPECT_EQ(read_lines(events_path()), notifications(1, last));
    std::vector<std::uint64_t> all;
    for (std::uint64_t number = 1; number <= last; ++number) {
      all.push_back(number);
    }
    EXPECT_EQ(numbers(), all);
    EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
  }
  void cut_lines(const fs::path& path, std::size_t count) {
    Lines lines = read_lines(path);
    lines.resize(lines.size() - count);
    std::string text;
    for (const std::string& line : lines) {
      text += line + '\n';
    }
    fs::resize_file(path, text.size());
  }
  /// A crash that found the position as it was before the last events.
  void die_with_an_old_position(WebSocket& socket, std::uint64_t from, std::uint64_t to) {
    const auto path = dir_ / "state/main.position";
    const std::string old = read_file(path);
    send_all(socket, notifications(from, to));
    await_events(to);
    await("event_received", to);
    kill();
    dir_.write("state/main.position", old);
  }
};

TEST_F(NotificationsRestartTest, numbers_go_on_after_a_stop) {
  WebSocket socket = begin("c-1-secret");
  send_all(socket, notifications(1, 3));
  await_events(3);
  EXPECT_EQ(stop(socket), 0);
  WebSocket again = begin("c-2-secret");
  send_all(again, notifications(3, 5));  // the first one came before the stop
  await_events(5);
  EXPECT_EQ(stop(again), 0);
  expect_each_once(5);
}

TEST_F(NotificationsRestartTest, a_stop_is_a_gap_up_to_the_next_start) {
  WebSocket socket = begin("c-1-secret");
  EXPECT_EQ(stop(socket), 0);
  WebSocket again = begin("c-2-secret");
  EXPECT_EQ(first("coverage_gap").at("cause"), "stopped");
  EXPECT_EQ(stop(again), 0);
}

TEST_F(NotificationsRestartTest, a_kill_doubles_nothing_and_loses_nothing_that_was_written) {
  WebSocket socket = begin("c-1-secret");
  send_all(socket, notifications(1, 50));
  await_events(50);
  await("event_received", 50);
  kill();
  WebSocket again = begin("c-2-secret");
  send_all(again, notifications(45, 60));
  await_events(60);
  EXPECT_EQ(first("coverage_gap").at("cause"), "crash");
  EXPECT_EQ(stop(again), 0);
  expect_each_once(60);
}

TEST_F(NotificationsRestartTest, files_tell_where_numbers_go_on_when_the_position_is_old) {
  WebSocket socket = begin("c-1-secret");
  send_all(socket, notifications(1, 10));
  await_events(10);
  die_with_an_old_position(socket, 11, 40);
  WebSocket again = begin("c-2-secret");
  send_all(again, notifications(38, 45));
  await_events(45);
  EXPECT_EQ(stop(again), 0);
  expect_each_once(45);
}

TEST_F(NotificationsRestartTest, a_file_is_counted_where_no_memory_tells) {
  WebSocket socket = begin("c-1-secret");
  send_all(socket, notifications(1, 10));
  await_events(10);
  die_with_an_old_position(socket, 11, 40);
  for (const char* name : {"state/main.events", "state/main.events.previous"}) {
    fs::remove(dir_ / name);
  }
  WebSocket again = begin("c-2-secret");
  send_all(again, notifications(41, 45));
  await_events(45);
  EXPECT_EQ(stop(again), 0);
  expect_each_once(45);
}

TEST_F(NotificationsRestartTest, what_one_file_lacks_is_lost_to_it_alone) {
  WebSocket socket = begin("c-1-secret");
  send_all(socket, notifications(1, 10));
  await_events(10);
  die_with_an_old_position(socket, 11, 20);
  cut_lines(events_path(), 4);
  WebSocket again = begin("c-2-secret");
  const json lost = fields_of(first("events_lost"));
  EXPECT_EQ(lost.at("sink"), "file");
  EXPECT_EQ(lost.at("from"), 17);
  EXPECT_EQ(lost.at("to"), 20);
  again.send(notification(21));
  await_events(17);
  await("event_received", 21);
  EXPECT_EQ(stop(again), 0);
  EXPECT_EQ(numbers().back(), 21U);
}

TEST_F(NotificationsRestartTest, a_filtered_file_knows_its_numbers_by_the_memory) {
  stream()["topics"] = {kQueueTopic, "v2.users.0a1b2c3d-0000-4000-8000-00000000000b.presence"};
  file_sink()["event_types"] = {"presence"};
  WebSocket socket = begin("c-1-secret");
  const std::string presence = notification(7, stream()["topics"][1].get<std::string>());
  socket.send(notification(1));
  socket.send(presence);
  await_events(1);
  await("event_received", 2);
  kill();
  WebSocket again = begin("c-2-secret");
  again.send(presence);
  again.send(notification(1));
  again.send(notification(2));
  await("event_received", 3);
  EXPECT_EQ(stop(again), 0);
  EXPECT_THAT(numbers(), ElementsAre(1, 2, 3));
  EXPECT_EQ(read_lines(events_path()), Lines{presence});
}

TEST_F(NotificationsRestartTest, a_position_is_shown_and_cannot_be_moved) {
  WebSocket socket = begin("c-1-secret");
  send_all(socket, notifications(1, 3));
  await_events(3);
  EXPECT_EQ(stop(socket), 0);
  const auto config = config_path().string();
  const auto shown =
      run_gcstreamd(dir_.path(), {"position", "show", "--stream", "main", "--config", config});
  EXPECT_EQ(json::parse(shown.out).at("sequenceNumber"), 3);
  const auto moved =
      run_gcstreamd(dir_.path(), {"position", "set", "1", "--stream", "main", "--config", config});
  EXPECT_EQ(moved.exit_code, 64);
}

/// Whatever a kill leaves: each sink holds each number once, or a record says what it lacks.
TEST_F(NotificationsRestartTest,
       kills_in_a_flow_of_events_double_nothing_and_tell_what_a_file_lacks) {
  constexpr std::uint64_t kEach = 300;
  for (std::uint64_t round = 0; round < 5; ++round) {
    WebSocket socket = begin("c-" + std::to_string(round) + "-secret");
    const std::size_t held = read_lines(events_path()).size();
    const std::uint64_t first_number = round * kEach + 1;
    const std::uint64_t again = round == 0 ? 0 : 20;  // these came, or were lost, before the kill
    send_all(socket, notifications(first_number - again, first_number + kEach - 1));
    await_events(held + 1 + round * 7);
    kill();
  }
  WebSocket socket = begin("c-last-secret");
  EXPECT_EQ(stop(socket), 0);
  Lines lines = read_lines(events_path());
  std::map<std::string, std::uint64_t> lost;
  for (const json& record : records("events_lost")) {
    lost[record.at("sink")] += record.at("count").get<std::uint64_t>();
  }
  const auto received = numbers();
  EXPECT_TRUE(std::is_sorted(received.begin(), received.end(), std::less_equal<>()));
  const std::uint64_t last = lines.size() + lost["file"];
  EXPECT_EQ(received.size() + lost["audit"], last);
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(std::adjacent_find(lines.begin(), lines.end()), lines.end());
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

}  // namespace
}  // namespace gcstreamd::testing
