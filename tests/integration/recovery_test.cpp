#include <csignal>
#include <fstream>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// What a restart makes of what a crash left.
class RecoveryTest : public StreamTest {
 protected:
  fs::path position_path() const { return dir_ / "state/main.position"; }

  void kill() {
    daemon_->signal(SIGKILL);
    EXPECT_EQ(daemon_->wait_exit(), 128 + SIGKILL);
  }
  /// A stream that delivered 1 to `count` and whose process was killed.
  void deliver_and_die(std::uint64_t count) {
    Session session = open();
    send_all(session, events(1, count));
    await_events(count);
    await("event_received", count);
    kill();
  }
  /// A stream that delivered 1 to `count` from its beginning and was stopped in order.
  void deliver_and_stop(std::uint64_t count) {
    stream()["start_at"] = 0;
    Session session = open();
    send_all(session, events(1, count));
    await_events(count);
    EXPECT_EQ(stop(session), 0);
  }
  /// The position as it was before any event: what a crash within a second leaves.
  void deliver_and_die_with_an_old_position(std::uint64_t count) {
    Session session = open();
    session.socket.send(event(1));
    await_events(1);
    const std::string old = read_file(position_path());
    send_all(session, events(2, count));
    await_events(count);
    await("event_received", count);
    kill();
    dir_.write("state/main.position", old);
  }
  void append(const fs::path& path, std::string_view text) {
    std::ofstream(path, std::ios::app) << text;
  }
  /// Cuts whole lines off the end.
  void cut_lines(const fs::path& path, std::size_t count) {
    Lines lines = read_lines(path);
    lines.resize(lines.size() - count);
    std::string text;
    for (const std::string& line : lines) {
      text += line + '\n';
    }
    fs::resize_file(path, text.size());
  }
  /// Goes on until event `last` and checks that everything is there once.
  void go_on_to(std::uint64_t from, std::uint64_t last) {
    Session session = open();
    EXPECT_EQ(session.subscription.at("sequenceNumber"), from - 1);
    send_all(session, events(from, last));
    EXPECT_EQ(first_difference(await_events(last), events(1, last)), "");
    EXPECT_EQ(stop(session), 0);
    expect_each_once(last);
  }
  void expect_each_once(std::uint64_t last) {
    std::vector<std::uint64_t> received;
    for (const json& record : records("event_received")) {
      received.push_back(record.at("sequenceNumber"));
    }
    ASSERT_EQ(received.size(), last);
    for (std::uint64_t n = 1; n <= last; ++n) {
      EXPECT_EQ(received[n - 1], n);
    }
    EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
  }
};

TEST_F(RecoveryTest, what_the_files_hold_beyond_the_position_does_not_come_again) {
  stream()["start_at"] = 0;
  deliver_and_die_with_an_old_position(50);
  go_on_to(51, 53);
  const json recovered = fields_of(first("position_recovered"));
  EXPECT_EQ(recovered.at("sequenceNumber"), 50);
  EXPECT_LE(recovered.at("from"), 1);
}

TEST_F(RecoveryTest, sinks_at_different_positions_end_up_equal) {
  stream()["start_at"] = 0;
  deliver_and_die_with_an_old_position(20);
  cut_lines(events_path(), 7);
  go_on_to(14, 22);
}

TEST_F(RecoveryTest, torn_ends_are_moved_away_and_told) {
  stream()["start_at"] = 0;
  deliver_and_die(5);
  append(events_path(), R"({"eventType":"routing:que)");
  append(audit_path(), R"({"ts":"2026)");
  go_on_to(6, 7);
  const auto repaired = records("torn_tail_repaired");
  ASSERT_EQ(repaired.size(), 2U);
  EXPECT_EQ(repaired[0].at("path"), events_path().string());
  EXPECT_EQ(repaired[0].at("bytes"), 25);
  EXPECT_EQ(read_file(repaired[0].at("movedTo").get<std::string>()),
            R"({"eventType":"routing:que)");
}

TEST_F(RecoveryTest, damage_behind_the_position_is_refused_and_its_own_command_lets_it_go_on) {
  stream()["start_at"] = 0;
  deliver_and_die_with_an_old_position(9);
  std::string text = read_file(events_path());
  const auto at = text.find(event(7));
  text[at + 20] = '"';
  dir_.write("events.ndjson", text);
  run();
  EXPECT_EQ(daemon_->wait_exit(), 74);
  const std::string told = tail(daemon_->stderr_path());
  EXPECT_NE(told.find("damaged at byte " + std::to_string(at)), std::string::npos) << told;
  const auto command = told.find("cp -p ");
  ASSERT_NE(command, std::string::npos);
  const std::string shell = told.substr(command, told.find('\n', command) - command);
  ASSERT_EQ(std::system(shell.substr(0, shell.rfind("'") + 1).c_str()), 0);
  go_on_to(7, 10);
}

TEST_F(RecoveryTest, a_damaged_position_is_replaced_by_the_one_before) {
  deliver_and_stop(4);
  ASSERT_TRUE(fs::exists(position_path().string() + ".previous"));
  append(position_path(), "x");
  go_on_to(5, 6);
  EXPECT_EQ(first("position_recovered").at("cause"), "previous_position");
}

TEST_F(RecoveryTest, without_any_position_left_the_files_tell) {
  deliver_and_stop(4);
  dir_.write("state/main.position", "");
  dir_.write("state/main.position.previous", "{}");
  go_on_to(5, 6);
  EXPECT_EQ(first("position_recovered").at("cause"), "saved_position_damaged");
}

TEST_F(RecoveryTest, where_neither_position_nor_files_tell_a_loss_is_told) {
  fs::create_directory(dir_ / "state");
  dir_.write("state/main.position", "");
  Session session = open();
  EXPECT_FALSE(session.subscription.contains("sequenceNumber"));
  const json lost = first("events_lost");
  EXPECT_TRUE(lost.at("from").is_null() && lost.at("to").is_null() && lost.at("count").is_null());
  EXPECT_EQ(lost.at("cause"), "saved_position_damaged");
  EXPECT_EQ(stop(session), 0);
}

TEST_F(RecoveryTest, files_that_were_moved_while_it_was_down_are_read_where_they_are) {
  stream()["start_at"] = 0;
  deliver_and_die_with_an_old_position(8);
  fs::rename(events_path(), dir_ / "events.ndjson.1");
  fs::rename(audit_path(), dir_ / "audit.jsonl.1");
  Session session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 8);
  send_all(session, events(9, 10));
  EXPECT_EQ(await_events(2), events(9, 10));
  EXPECT_EQ(stop(session), 0);
  Lines both = read_lines(dir_ / "audit.jsonl.1");
  const Lines newer = read_lines(audit_path());
  both.insert(both.end(), newer.begin(), newer.end());
  EXPECT_EQ(fault_in_chain(both), "");
}

/// The sink goes from a file to another one and back to the first, and dies there.
TEST_F(RecoveryTest, a_file_that_was_entered_again_before_a_kill_holds_everything_once) {
  stream()["start_at"] = 0;
  Session session = open();
  send_all(session, events(1, 3));
  await_events(3);
  const auto other = (dir_ / "other.ndjson").string();
  file_sink()["path"] = other;
  reload();
  await("config_reloaded", 1);
  session.socket.send(event(4));
  wait_for_line_count(other, 1);
  file_sink()["path"] = events_path().string();
  reload();
  await("config_reloaded", 2);
  send_all(session, events(5, 6));
  await_events(5);
  kill();
  session = open();
  const std::uint64_t after = session.subscription.at("sequenceNumber");
  send_all(session, events(after + 1, 8));
  Lines wanted = events(1, 3);
  for (std::uint64_t number = 5; number <= 8; ++number)
    wanted.push_back(event(number));
  EXPECT_EQ(first_difference(await_events(7), wanted), "");
  EXPECT_EQ(read_lines(other), Lines{event(4)});
  EXPECT_EQ(stop(session), 0);
}

TEST_F(RecoveryTest, numbers_that_only_an_audit_log_holds_are_duplicates_when_they_come_again) {
  stream()["start_at"] = 0;
  stream()["sinks"].erase(0);
  Session session = open();
  session.socket.send(event(1));
  await_records(audit_path(), "event_received", 1);
  const std::string old = read_file(position_path());
  send_all(session, events(2, 9));
  await_records(audit_path(), "event_received", 9);
  kill();
  dir_.write("state/main.position", old);
  session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 9);
  send_all(session, events(6, 11));  // it goes further back than it was asked to
  await_records(audit_path(), "event_received", 11);
  EXPECT_EQ(stop(session), 0);
  EXPECT_TRUE(records_of(audit_path(), "sequence_reset").empty());
  EXPECT_EQ(records_of(audit_path(), "event_received").size(), 11U);
}

TEST_F(RecoveryTest, what_a_file_lacks_of_what_was_durable_is_told_as_lost) {
  deliver_and_stop(6);
  cut_lines(events_path(), 2);
  Session session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 6);
  const json lost = first("events_lost");
  EXPECT_EQ(lost.at("from"), 5);
  EXPECT_EQ(lost.at("to"), 6);
  EXPECT_EQ(lost.at("count"), 2);
  EXPECT_EQ(lost.at("cause"), "file_cut");
  EXPECT_EQ(lost.at("sink"), "file");
  EXPECT_EQ(stop(session), 0);
}

TEST_F(RecoveryTest, a_sink_whose_type_changed_takes_the_lines_of_before_for_somebody_elses) {
  stream()["start_at"] = 0;
  Session session = open();
  send_all(session, events(1, 2));
  await_events(2);
  kill();
  file_sink() = {{"type", "audit"}, {"name", "file"}, {"path", events_path().string()}};
  session = open();
  send_all(session, events(session.subscription.at("sequenceNumber").get<std::uint64_t>() + 1, 3));
  wait_for_line(events_path(), "the record of 3", [](const std::string& line) {
    return line.find(R"("sequenceNumber":3,"n":)") != std::string::npos;
  });
  EXPECT_EQ(stop(session), 0);
}

TEST_F(RecoveryTest, an_optional_sink_that_is_behind_is_told_of_and_does_not_pull_back) {
  stream()["start_at"] = 0;
  const fs::path spare = dir_ / "spare.ndjson";
  stream()["sinks"].push_back(
      {{"type", "file"}, {"name", "spare"}, {"required", false}, {"path", spare.string()}});
  deliver_and_die_with_an_old_position(9);
  wait_for_line_count(spare, 9);
  cut_lines(spare, 4);
  Session session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 9);
  EXPECT_EQ(
      fields_of(first("events_lost")),
      (json{
          {"from", 6}, {"to", 9}, {"count", 4}, {"cause", "behind_at_start"}, {"sink", "spare"}}));
  EXPECT_EQ(stop(session), 0);
}

TEST_F(RecoveryTest, a_repeated_last_event_without_a_timestamp_is_known_from_the_file) {
  const auto plain = [](int n) {
    return R"({"eventType":"routing:queue:member","sequenceNumber":)" + std::to_string(n) + "}";
  };
  stream()["start_at"] = 0;
  Session session = open();
  send_all(session, {plain(1), plain(2)});
  await_events(2);
  EXPECT_EQ(stop(session), 0);
  session = open();
  send_all(session, {plain(2), plain(3)});
  EXPECT_EQ(await_events(3), (Lines{plain(1), plain(2), plain(3)}));
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(records("sequence_reset").size(), 0U);
  EXPECT_EQ(records("duplicate_suppressed").size(), 1U);
}

TEST_F(RecoveryTest, the_first_event_of_all_survives_a_crash_right_behind_it) {
  Session session = open();
  EXPECT_FALSE(session.subscription.contains("sequenceNumber"));
  session.socket.send(event(40));
  await_events(1);
  await("event_received");
  kill();
  session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 40);
  EXPECT_EQ(stop(session), 0);
}

TEST_F(RecoveryTest, an_operators_wish_holds_until_an_event_comes) {
  stream()["start_at"] = 5;
  dir_.write("config.json", config_.dump());
  const auto wish = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "position");
    words.insert(words.end(), {"--stream", "main", "--config", config_path().string()});
    EXPECT_EQ(run_gcstreamd(dir_.path(), words).exit_code, 0);
  };
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"tip"}, std::vector<std::string>{"set", "0"}}) {
    wish(words);
    for (int start = 0; start < 2; ++start) {
      Session session = open();
      const json asked = session.subscription.value("sequenceNumber", json());
      EXPECT_EQ(asked, words.size() == 1 ? json() : json(0));
      EXPECT_EQ(stop(session), 0);
    }
  }
}

TEST_F(RecoveryTest, a_state_directory_that_cannot_be_written_stops_the_stream_until_it_can) {
  Session session = open();
  send_all(session, events(1, 2));
  await_events(2);
  fs::rename(dir_ / "state", dir_ / "away");
  session.socket.send(event(3));
  session.socket.expect_close();
  const json failed = first("sink_failed");
  EXPECT_EQ(failed.at("sink"), "state_dir");
  EXPECT_NE(failed.at("error").get<std::string>().find("ENOENT"), std::string::npos);
  fs::rename(dir_ / "away", dir_ / "state");
  session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 3);
  EXPECT_EQ(first("sink_recovered").at("sink"), "state_dir");
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(read_lines(events_path()), events(1, 3));
}

}  // namespace
}  // namespace gcstreamd::testing
