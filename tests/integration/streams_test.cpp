#include <csignal>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

/// Two streams in one process, each with a server of its own.
class StreamsTest : public StreamTest {
 protected:
  StreamsTest() {
    json other = config_for(other_peer_, dir_)["streams"][0];
    other["name"] = "other";
    other["sinks"][0]["path"] = (dir_ / "other.ndjson").string();
    other["sinks"][1]["path"] = other_audit().string();
    config_["streams"].push_back(other);
  }
  std::filesystem::path other_audit() const { return dir_ / "other.jsonl"; }
  std::filesystem::path other_events() const { return dir_ / "other.ndjson"; }

  void open_both() {
    run();
    session_.emplace(peer_.open_stream());
    other_session_.emplace(other_peer_.open_stream());
  }
  int stop_both() {
    daemon_->signal(SIGTERM);
    session_->socket.expect_close();
    other_session_->socket.expect_close();
    return daemon_->wait_exit();
  }

  Peer other_peer_;
  std::optional<Session> session_;
  std::optional<Session> other_session_;
};

TEST_F(StreamsTest, are_independent) {
  open_both();
  session_->socket.drop();
  send_all(*other_session_, events(1, 3));
  EXPECT_EQ(wait_for_line_count(other_events(), 3), events(1, 3));
  session_.emplace(peer_.reopen_stream());
  session_->socket.send(event(7));
  EXPECT_EQ(await_events(1), events(7, 7));
  EXPECT_TRUE(records_of(other_audit(), "connection_closed").empty());
  EXPECT_EQ(stop_both(), 0);
  EXPECT_EQ(records_of(other_audit(), "daemon_stopping").size(), 1U);
  EXPECT_EQ(records("daemon_stopping").size(), 1U);
}

TEST_F(StreamsTest, one_that_gives_up_leaves_the_other_and_starts_again_with_a_reload) {
  stream()["reconnect"]["max_attempts"] = 1;
  run();
  other_session_.emplace(other_peer_.open_stream());
  peer_.serve_token();
  peer_.expect_http().reply(503, "");
  peer_.expect_http().reply(503, "");
  await("max_reconnect_attempts_reached");
  other_session_->socket.send(event(1));
  EXPECT_EQ(wait_for_line_count(other_events(), 1), events(1, 1));

  daemon_->signal(SIGHUP);
  session_.emplace(peer_.open_stream());
  session_->socket.send(event(9));
  EXPECT_EQ(await_events(1), events(9, 9));
  EXPECT_EQ(records_of(other_audit(), "connection_open").size(), 1U);
  EXPECT_EQ(stop_both(), 0);
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

TEST_F(StreamsTest, one_that_gave_up_holds_no_file_and_goes_on_with_its_chain_in_a_new_one) {
  stream()["reconnect"]["max_attempts"] = 1;
  run();
  other_session_.emplace(other_peer_.open_stream());
  peer_.serve_token();
  peer_.expect_http().reply(503, "");
  peer_.expect_http().reply(503, "");
  await("max_reconnect_attempts_reached");
  config_["nonsense"] = 1;
  reload();
  await_records(other_audit(), "config_rejected");
  std::filesystem::rename(audit_path(), dir_ / "audit.old");
  config_.erase("nonsense");
  reload();
  session_.emplace(peer_.open_stream());
  EXPECT_EQ(stop_both(), 0);
  Lines both = read_lines(dir_ / "audit.old");
  const Lines newer = read_lines(audit_path());
  both.insert(both.end(), newer.begin(), newer.end());
  EXPECT_EQ(fault_in_chain(both), "");
}

TEST_F(StreamsTest, one_that_gives_up_while_another_is_retired_is_started_once) {
  config_["streams"][1]["reconnect"] = {{"base_delay_ms", 1}, {"max_attempts", 1}};
  json third = config_["streams"][1];
  third["name"] = "third";
  third["sinks"][0]["path"] = (dir_ / "third.ndjson").string();
  third["sinks"][1]["path"] = (dir_ / "third.jsonl").string();
  third["endpoints"] = stream()["endpoints"];
  third["tls"] = stream()["tls"];
  third["reconnect"] = stream()["reconnect"];
  config_["streams"].erase(0);
  config_["streams"].push_back(third);
  run();
  session_.emplace(peer_.open_stream());  // of `third`
  other_session_.emplace(other_peer_.open_stream());
  config_["streams"].erase(1);
  reload();
  session_->socket.expect_close_unanswered();  // `third` takes its time to go
  other_session_->socket.drop();
  other_peer_.expect_http().reply(503, "");
  await_records(other_audit(), "max_reconnect_attempts_reached");
  other_session_.emplace(other_peer_.open_stream());
  await_records(other_audit(), "config_reloaded");
  daemon_->signal(SIGTERM);
  other_session_->socket.expect_close();
  EXPECT_EQ(daemon_->wait_exit(), 0);
  EXPECT_EQ(records_of(other_audit(), "config_reloaded").size(), 1U);
  EXPECT_EQ(fault_in_chain(read_lines(other_audit())), "");
}

TEST_F(StreamsTest, when_the_last_one_gives_up_the_process_ends_with_its_code) {
  stream()["reconnect"]["max_attempts"] = 1;
  config_["streams"][1]["reconnect"]["max_attempts"] = 1;
  run();
  for (Peer* peer : {&peer_, &other_peer_}) {
    peer->serve_token();
    peer->expect_http().reply(503, "");
    peer->expect_http().reply(503, "");
  }
  EXPECT_EQ(daemon_->wait_exit(), 69);
}

TEST_F(StreamsTest, a_reload_reconnects_only_the_one_that_changed) {
  open_both();
  config_["streams"][1]["buffer_size"] = 123;
  reload();
  other_session_->socket.expect_close();
  other_session_.emplace(other_peer_.reopen_stream());
  EXPECT_EQ(other_session_->subscription.at("bufferSize"), 123);
  session_->socket.send(event(1));
  EXPECT_EQ(await_events(1), events(1, 1));
  EXPECT_EQ(records("connection_open").size(), 1U);
  EXPECT_EQ(await("config_reloaded").at(0).at("changes"), json::array({"/streams/1/buffer_size"}));
}

TEST_F(StreamsTest, a_reload_adds_one_and_removes_one) {
  const json both = config_;
  config_["streams"].erase(1);
  run();
  session_.emplace(peer_.open_stream());
  config_ = both;
  reload();
  other_session_.emplace(other_peer_.open_stream());
  send_all(*other_session_, events(1, 2));
  EXPECT_EQ(wait_for_line_count(other_events(), 2), events(1, 2));

  config_["streams"].erase(0);
  reload();
  EXPECT_EQ(session_->socket.expect_close().reason, "Client initiated graceful shutdown");
  await_records(other_audit(), "config_reloaded", 2);
  other_session_->socket.send(event(3));
  EXPECT_EQ(wait_for_line_count(other_events(), 3), events(1, 3));
  daemon_->signal(SIGTERM);
  other_session_->socket.expect_close();
  EXPECT_EQ(daemon_->wait_exit(), 0);
}

TEST_F(StreamsTest, a_file_that_goes_from_one_to_the_other_is_never_held_by_both) {
  config_["streams"].erase(1);
  run();
  session_.emplace(peer_.open_stream());
  send_all(*session_, events(1, 3));
  await_events(3);
  json renamed = config_["streams"][0];
  renamed["name"] = "renamed";
  config_["streams"][0] = renamed;
  reload();
  session_->socket.expect_close();
  session_.emplace(peer_.open_stream());
  send_all(*session_, events(4, 5));
  EXPECT_EQ(await_events(5), events(1, 5));
  EXPECT_EQ(stop(*session_), 0);
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

TEST_F(StreamsTest, a_file_that_another_one_gives_up_is_taken_only_when_that_one_is_gone) {
  open_both();
  send_all(*session_, events(1, 3));
  await_events(3);
  json taken = audit_sink();
  taken["name"] = "taken";
  config_["streams"][1]["sinks"].push_back(taken);
  config_["streams"].erase(0);
  reload();
  session_->socket.expect_close_unanswered();  // `main` takes its time to go
  other_session_->socket.expect_close();
  session_->socket.hang_up();
  other_session_.emplace(other_peer_.open_stream());
  await_records(other_audit(), "config_reloaded");
  daemon_->signal(SIGTERM);
  other_session_->socket.expect_close();
  EXPECT_EQ(daemon_->wait_exit(), 0);
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
  EXPECT_EQ(fault_in_chain(read_lines(other_audit())), "");
}

TEST_F(StreamsTest, files_that_two_of_them_swap_are_never_held_by_both) {
  open_both();
  send_all(*session_, events(1, 3));
  send_all(*other_session_, events(1, 2));
  await_events(3);
  wait_for_line_count(other_events(), 2);
  std::swap(config_["streams"][0]["sinks"][1]["path"], config_["streams"][1]["sinks"][1]["path"]);
  reload();
  session_->socket.expect_close();
  other_session_->socket.expect_close();
  session_.emplace(peer_.open_stream());
  EXPECT_EQ(session_->subscription.at("sequenceNumber"), 3);
  other_session_.emplace(other_peer_.open_stream());
  EXPECT_EQ(other_session_->subscription.at("sequenceNumber"), 2);
  EXPECT_EQ(stop_both(), 0);
  EXPECT_EQ(read_lines(events_path()), events(1, 3));
}

TEST_F(StreamsTest, more_connections_than_the_org_allows_are_refused_at_a_reload_too) {
  open_both();
  config_["max_connections_per_org"] = 1;
  reload();
  const std::string error = await("config_rejected").at(0).at("errors").at(0);
  EXPECT_NE(error.find("adjust max_connections_per_org to your tier"), std::string::npos);
  EXPECT_EQ(stop_both(), 0);
}

TEST_F(StreamsTest, a_second_instance_on_the_same_state_directory_ends_with_75) {
  open_both();
  const auto second = dir_.write("second.json", config_.dump());
  Process another(gcstreamd_command(dir_.path(), {"run", "--config", second.string()}));
  EXPECT_EQ(another.wait_exit(), 75);
  EXPECT_EQ(stop_both(), 0);
}

}  // namespace
}  // namespace gcstreamd::testing
