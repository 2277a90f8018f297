#include <csignal>
#include <regex>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
using SinksTest = StreamTest;
namespace fs = std::filesystem;

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += line + '\n';
  }
  return text;
}

unsigned permissions_of(const fs::path& path) {
  return static_cast<unsigned>(fs::status(path).permissions());
}

bool has_space_outside_strings(const std::string& line) {
  bool inside = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (inside && line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      inside = !inside;
    } else if (!inside && line[i] == ' ') {
      return true;
    }
  }
  return false;
}

std::vector<std::string> keys_of(const std::string& line) {
  const auto record = nlohmann::ordered_json::parse(line);
  std::vector<std::string> keys;
  for (const auto& item : record.items()) {
    keys.push_back(item.key());
  }
  return keys;
}

TEST_F(SinksTest, one_event_is_in_the_file_without_further_traffic) {
  Session session = open();
  session.socket.send(event(1));
  EXPECT_EQ(await_events(1), events(1, 1));
  EXPECT_EQ(await("event_received").size(), 1U);
  EXPECT_EQ(read_file(events_path()), event(1) + '\n');
}

TEST_F(SinksTest, stdout_holds_the_events_and_nothing_else) {
  file_sink() = {{"type", "stdout"}};
  Session session = open();
  send_all(session, events(1, 20));
  wait_for_line_count(daemon_->stdout_path(), 20);
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(read_file(daemon_->stdout_path()), joined(events(1, 20)));
}

TEST_F(SinksTest, a_filtered_sink_gets_only_its_event_types) {
  const auto media_path = dir_ / "media.ndjson";
  stream()["sinks"].push_back({{"type", "file"},
                               {"name", "media"},
                               {"path", media_path.string()},
                               {"event_types", {"interaction:media"}}});
  stream()["event_types"] = {"interaction:conversation", "interaction:media"};
  Session session = open();
  const std::string media = R"({"eventType":"interaction:media","sequenceNumber":2})";
  send_all(session, {event(1), media, event(3)});
  EXPECT_EQ(await_events(3), (Lines{event(1), media, event(3)}));
  EXPECT_EQ(wait_for_line_count(media_path, 1), Lines{media});
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(read_lines(media_path), Lines{media});
}

TEST_F(SinksTest, files_and_directories_have_the_promised_modes) {
  file_sink()["mode"] = "0600";
  const Session session = open();
  first("connection_open");
  EXPECT_EQ(permissions_of(audit_path()), 0640U);
  EXPECT_EQ(permissions_of(events_path()), 0600U);
  EXPECT_EQ(permissions_of(dir_ / "state"), 0750U);
}

TEST_F(SinksTest, audit_lines_have_their_keys_in_order) {
  Session session = open();
  send_all(session, {event(1), "broken \"frame\" here", event(2)});
  await("event_received", 2);
  EXPECT_EQ(stop(session), 0);
  const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)");
  for (const std::string& line : read_lines(audit_path())) {
    const auto keys = keys_of(line);
    ASSERT_GE(keys.size(), 5U);
    EXPECT_EQ(Lines(keys.begin(), keys.begin() + 3), (Lines{"ts", "stream", "type"})) << line;
    EXPECT_EQ(Lines(keys.end() - 2, keys.end()), (Lines{"n", "hash"})) << line;
    const json record = json::parse(line);
    EXPECT_TRUE(std::regex_match(record.at("ts").get<std::string>(), time)) << line;
    EXPECT_EQ(record.at("stream"), "main");
    EXPECT_FALSE(has_space_outside_strings(line)) << line;
  }
}

TEST_F(SinksTest, the_audit_tells_a_life_from_start_to_stop) {
  Session session = open();
  session.socket.send(event(1));
  await("event_received");
  EXPECT_EQ(stop(session), 0);
  std::vector<std::string> types;
  for (const json& record : read_audit(audit_path())) {
    types.push_back(record.at("type"));
  }
  ASSERT_GE(types.size(), 7U);
  EXPECT_EQ(Lines(types.begin(), types.begin() + 5),
            (Lines{"daemon_started", "token_acquired", "connection_open", "subscription_sent",
                   "event_received"}));
  EXPECT_FALSE(records("daemon_started").at(0).at("version").get<std::string>().empty());
}

TEST_F(SinksTest, without_chain_records_have_no_number_and_no_hash) {
  audit_sink()["chain"] = false;
  const Session session = open();
  const json record = first("connection_open");
  EXPECT_FALSE(record.contains("n"));
  EXPECT_FALSE(record.contains("hash"));
}

TEST_F(SinksTest, the_chain_runs_on_over_a_restart) {
  Session session = open();
  send_all(session, events(1, 3));
  await("event_received", 3);
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
  const auto before = read_lines(audit_path()).size();
  session = open();
  await("daemon_started", 2);
  EXPECT_EQ(stop(session), 0);
  EXPECT_GT(read_lines(audit_path()).size(), before);
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

TEST_F(SinksTest, a_restart_resumes_from_the_saved_position) {
  Session session = open();
  send_all(session, events(1, 3));
  await_events(3);
  EXPECT_EQ(stop(session), 0);
  session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 3);
  EXPECT_EQ(await("subscription_sent", 2).back().at("sequenceNumber"), 3);
  send_all(session, events(4, 5));
  EXPECT_EQ(await_events(5), events(1, 5));
  EXPECT_EQ(await("event_received", 5).size(), 5U);
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(read_file(events_path()), joined(events(1, 5)));
}

TEST_F(SinksTest, a_saved_position_comes_before_start_at) {
  stream()["start_at"] = 0;
  Session session = open();
  send_all(session, events(1, 2));
  await_events(2);
  EXPECT_EQ(stop(session), 0);
  session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 2);
}

TEST_F(SinksTest, a_lost_range_moves_the_saved_position) {
  stream()["integrity"]["on_gap"] = "record";
  Session session = open();
  send_all(session, {event(1), event(5)});
  await_events(2);
  EXPECT_EQ(stop(session), 0);
  session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 5);
}

TEST_F(SinksTest, the_position_of_another_org_is_not_used) {
  Session session = open();
  session.socket.send(event(7));
  await_events(1);
  EXPECT_EQ(stop(session), 0);
  stream()["oauth"]["client_id"] = "another-client";
  session = open();
  EXPECT_FALSE(session.subscription.contains("sequenceNumber"));
}

TEST_F(SinksTest, a_second_instance_on_one_state_directory_exits_75) {
  Session session = open();
  const TempDir output;
  const Finished second = run_gcstreamd(output.path(), {"run", "--config", config_path().string()});
  EXPECT_EQ(second.exit_code, 75);
  EXPECT_NE(second.err.find((dir_ / "state").string()), std::string::npos) << second.err;
  session.socket.send(event(1));
  await_events(1);
}

TEST_F(SinksTest, a_required_sink_that_cannot_be_opened_exits_74) {
  const auto path = (dir_.write("plain", "") / "events.ndjson").string();
  file_sink()["path"] = path;
  EXPECT_EQ(run().wait_exit(), 74);
  EXPECT_NE(read_file(daemon_->stderr_path()).find(path), std::string::npos);
}

TEST_F(SinksTest, a_state_directory_that_cannot_be_made_exits_74) {
  config_["state_dir"] = (dir_.write("plain", "") / "state").string();
  EXPECT_EQ(run().wait_exit(), 74);
}

}  // namespace
}  // namespace gcstreamd::testing
