#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

class PositionTest : public StreamTest {
 protected:
  Finished position(std::vector<std::string> arguments) {
    dir_.write("config.json", config_.dump(2));
    arguments.insert(arguments.begin(), "position");
    arguments.insert(arguments.end(), {"--config", config_path().string()});
    return run_gcstreamd(dir_.path(), std::move(arguments));
  }
  json show() {
    const Finished shown = position({"show", "--stream", "main"});
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    const auto last = shown.out.rfind('\n', shown.out.size() - 2);
    return json::parse(shown.out.substr(last == std::string::npos ? 0 : last + 1));
  }
  /// A stream that delivered 1 to `count` and was stopped.
  void deliver_and_stop(std::uint64_t count) {
    Session session = open();
    send_all(session, events(1, count));
    await_events(count);
    EXPECT_EQ(stop(session), 0);
  }
};

TEST_F(PositionTest, none_is_shown_as_null) {
  EXPECT_EQ(show(), (json{{"stream", "main"}, {"sequenceNumber", nullptr}, {"epoch", 0}}));
}

TEST_F(PositionTest, what_a_stopped_stream_holds_is_shown) {
  deliver_and_stop(5);
  const json shown = show();
  EXPECT_EQ(shown.at("sequenceNumber"), 5);
  EXPECT_EQ(shown.at("clientId"), kClientId);
}

TEST_F(PositionTest, a_moved_position_is_resumed_from_and_the_move_is_a_record) {
  deliver_and_stop(5);
  const Finished moved = position({"set", "40", "--stream", "main"});
  EXPECT_EQ(moved.exit_code, 0) << moved.err;
  EXPECT_EQ(show().at("sequenceNumber"), 40);
  EXPECT_EQ(fields_of(first("position_moved")),
            (json{{"sequenceNumber", 40}, {"from", 5}, {"cause", "operator"}}));
  Session session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 40);
  session.socket.send(event(41));
  EXPECT_EQ(await_events(6).back(), event(41));
  EXPECT_TRUE(records("sequence_gap_detected").empty());
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(show().at("sequenceNumber"), 41);
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

TEST_F(PositionTest, moved_back_events_are_delivered_again) {
  deliver_and_stop(5);
  EXPECT_EQ(position({"set", "0", "--stream", "main"}).exit_code, 0);
  EXPECT_EQ(show().at("sequenceNumber"), 0);
  Session session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 0);
  send_all(session, events(1, 2));
  EXPECT_EQ(await_events(7).back(), event(2));
}

/// As root does on an ops box, where the daemon runs as an account of its own.
TEST_F(PositionTest, a_move_by_root_leaves_all_files_to_the_owner_of_the_state_directory) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can give files away";
  }
  constexpr uid_t kSomebody = 65534;
  deliver_and_stop(5);
  ASSERT_EQ(::chown(dir_.path().c_str(), kSomebody, kSomebody), 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path())) {
    ASSERT_EQ(::chown(entry.path().c_str(), kSomebody, kSomebody), 0);
  }
  const Finished moved = position({"set", "3", "--stream", "main"});
  EXPECT_EQ(moved.exit_code, 0) << moved.err;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_ / "state")) {
    struct stat status {};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, kSomebody) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 1U);
}

TEST_F(PositionTest, tip_goes_before_start_at) {
  stream()["start_at"] = 3;
  deliver_and_stop(5);
  EXPECT_EQ(position({"tip", "--stream", "main"}).exit_code, 0);
  EXPECT_EQ(show().at("sequenceNumber"), nullptr);
  EXPECT_FALSE(open().subscription.contains("sequenceNumber"));
}

TEST_F(PositionTest, a_running_daemon_s_position_is_shown_and_not_moved) {
  Session session = open();
  send_all(session, events(1, 2));
  await_events(2);
  EXPECT_EQ(position({"set", "9", "--stream", "main"}).exit_code, 75);
  EXPECT_EQ(position({"tip", "--stream", "main"}).exit_code, 75);
  EXPECT_EQ(position({"show", "--stream", "main"}).exit_code, 0);
}

TEST_F(PositionTest, wrong_usage_is_told) {
  EXPECT_EQ(position({"show", "--stream", "other"}).exit_code, 64);
  EXPECT_NE(position({"show", "--stream", "other"}).err.find("main"), std::string::npos);
  EXPECT_EQ(position({"show"}).exit_code, 64);
  EXPECT_EQ(position({"--stream", "main"}).exit_code, 64);
  EXPECT_EQ(position({"set", "--stream", "main"}).exit_code, 64);
  EXPECT_EQ(position({"set", "-1", "--stream", "main"}).exit_code, 64);
  EXPECT_EQ(position({"set", "9007199254740992", "--stream", "main"}).exit_code, 64);
  EXPECT_EQ(position({"set", "soon", "--stream", "main"}).exit_code, 64);
}

TEST_F(PositionTest, a_position_of_another_org_is_told) {
  deliver_and_stop(2);
  stream()["oauth"]["client_id"] = "another";
  const Finished shown = position({"show", "--stream", "main"});
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_NE(shown.err.find("another org"), std::string::npos);
}

TEST_F(PositionTest, a_position_that_cannot_be_saved_is_not_told_to_be_moved) {
  deliver_and_stop(2);
  std::filesystem::create_directory(dir_ / "state/main.position.tmp");
  const Finished moved = position({"set", "9", "--stream", "main"});
  EXPECT_EQ(moved.exit_code, 74);
  EXPECT_NE(moved.err.find("not moved"), std::string::npos) << moved.err;
  EXPECT_TRUE(records("position_moved").empty());
  EXPECT_EQ(show().at("sequenceNumber"), 2);
}

TEST_F(PositionTest, a_move_that_fails_behind_its_record_is_taken_back_by_another) {
  deliver_and_stop(2);
  const auto previous = dir_ / "state/main.position.previous";
  std::filesystem::remove(previous);
  std::filesystem::create_directory(previous);
  EXPECT_EQ(position({"set", "9", "--stream", "main"}).exit_code, 74);
  const auto moves = records("position_moved");
  ASSERT_EQ(moves.size(), 2U);
  EXPECT_EQ(fields_of(moves[1]),
            (json{{"sequenceNumber", 2}, {"from", 9}, {"cause", "not_saved"}}));
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
  EXPECT_EQ(show().at("sequenceNumber"), 2);
}

TEST_F(PositionTest, the_query_of_an_endpoint_is_not_shown) {
  const std::string url = stream()["endpoints"]["stream_url"];
  stream()["endpoints"]["stream_url"] = url + "?key=of-this-endpoint";
  deliver_and_stop(2);
  EXPECT_EQ(show().at("endpoint"), url + "?***");
}

TEST_F(PositionTest, an_audit_log_that_cannot_be_written_keeps_the_position) {
  deliver_and_stop(2);
  std::filesystem::remove(audit_path());
  std::filesystem::create_directory(audit_path());
  const Finished moved = position({"set", "9", "--stream", "main"});
  EXPECT_EQ(moved.exit_code, 74);
  EXPECT_NE(moved.err.find("not moved"), std::string::npos) << moved.err;
  EXPECT_EQ(show().at("sequenceNumber"), 2);
}

}  // namespace
}  // namespace gcstreamd::testing
