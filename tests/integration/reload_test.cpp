#include <algorithm>
#include <csignal>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

class ReloadTest : public StreamTest {
 protected:
  /// Reloads and returns the changes that are told.
  std::vector<std::string> changes() {
    reload();
    return await("config_reloaded", ++reloads_).back().at("changes");
  }
  /// Reloads a configuration that is refused and returns the errors.
  std::vector<std::string> refused() {
    reload();
    return await("config_rejected", ++rejections_).back().at("errors");
  }
  /// That the connection of before is still the one that events come through.
  void expect_same_connection(Session& session, std::uint64_t next) {
    session.socket.send(event(next));
    wait_for_line(events_path(), "the next event",
                  [&](const std::string& line) { return line == event(next); });
    EXPECT_EQ(records("connection_open").size(), connections_);
  }
  static void await_file(const fs::path& path) {
    wait_for_lines(path, "the file itself", [&](const Lines&) { return fs::exists(path); });
  }
  Session connect(std::uint64_t count) {
    Session session = open();
    send_all(session, events(1, count));
    await_events(count);
    return session;
  }
  void expect_reconnect_of_a_reload() {
    const json reconnect = await("scheduling_reconnect").back();
    EXPECT_EQ(reconnect.at("cause"), "reload");
    EXPECT_EQ(reconnect.at("delayMs"), 0);
    EXPECT_EQ(reconnect.at("attempt"), 0);
  }

  std::size_t reloads_ = 0;
  std::size_t rejections_ = 0;
  std::size_t connections_ = 1;
};

TEST_F(ReloadTest, without_a_change_nothing_happens_and_that_is_told) {
  Session session = connect(2);
  EXPECT_TRUE(changes().empty());
  expect_same_connection(session, 3);
}

struct LiveCase {
  std::string pointer;
  json value;
};

class LiveChange : public ReloadTest, public ::testing::WithParamInterface<LiveCase> {};

TEST_P(LiveChange, is_told_by_its_pointer_and_leaves_the_connection_alone) {
  Session session = connect(2);
  config_[json::json_pointer(GetParam().pointer)] = GetParam().value;
  EXPECT_EQ(changes(), Lines{GetParam().pointer});
  expect_same_connection(session, 3);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, LiveChange,
    ::testing::Values(LiveCase{"/log/level", "warn"}, LiveCase{"/metrics/interval_s", 7},
                      LiveCase{"/shutdown_timeout_s", 3},
                      LiveCase{"/streams/0/reconnect/max_attempts", 3},
                      LiveCase{"/streams/0/reconnect/base_delay_ms", 11},
                      LiveCase{"/streams/0/integrity/gap_threshold", 4},
                      LiveCase{"/streams/0/integrity/on_stale_position", "restart_at_tip"},
                      LiveCase{"/streams/0/liveness/idle_timeout_s", 33},
                      LiveCase{"/streams/0/connect_timeout_s", 7},
                      LiveCase{"/streams/0/oauth/refresh_margin_s", 5},
                      LiveCase{"/streams/0/sinks/0/fsync_interval_ms", 5},
                      LiveCase{"/streams/0/sinks/0/required", false}));

class ReconnectingChange : public ReloadTest, public ::testing::WithParamInterface<LiveCase> {};

TEST_P(ReconnectingChange, closes_in_order_and_resumes_at_once_without_an_attempt) {
  Session session = connect(2);
  config_[json::json_pointer(GetParam().pointer)] = GetParam().value;
  reload();
  const CloseFrame close = session.socket.expect_close();
  EXPECT_EQ(close.code, 1000);
  session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 2);
  EXPECT_EQ(await("config_reloaded").back().at("changes"), json::array({GetParam().pointer}));
  expect_reconnect_of_a_reload();
  connections_ = 2;
  expect_same_connection(session, 3);
  EXPECT_EQ(read_lines(events_path()), events(1, 3));
}

INSTANTIATE_TEST_SUITE_P(Keys, ReconnectingChange,
                         ::testing::Values(LiveCase{"/streams/0/buffer_size", 200},
                                           LiveCase{"/streams/0/token_in", "header"},
                                           LiveCase{"/streams/0/tls/min_version", "1.3"},
                                           LiveCase{"/streams/0/limits/max_frame_bytes", 1048576}));

TEST_F(ReloadTest, other_scopes_need_a_new_token) {
  Session session = connect(2);
  stream()["oauth"]["scopes"] = json::array({"another"});
  reload();
  session.socket.expect_close();
  session = peer_.open_stream("token-2");
  EXPECT_EQ(session.socket.request().query().at("access_token"), "token-2");
}

TEST_F(ReloadTest, other_event_types_reconnect_and_begin_a_new_epoch) {
  Session session = connect(5);
  stream()["event_types"].push_back("interaction:media");
  reload();
  session.socket.expect_close();
  session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("filter").at("eventTypes").size(), 3U);
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 5);
  send_all(session, {event(2), event(3)});
  EXPECT_EQ(await_events(7).back(), event(3));
  EXPECT_EQ(fields_of(first("sequence_reset")),
            (json{{"previous", 5}, {"received", 2}, {"cause", "event_types_changed"}}));
}

TEST_F(ReloadTest, another_endpoint_is_another_stream_from_the_start) {
  Peer other;
  Session session = connect(2);
  stream()["endpoints"]["stream_url"] =
      "wss://localhost:" + std::to_string(other.port()) + "/api/v2/analytics/events/stream";
  stream()["endpoints"]["oauth_url"] =
      "https://localhost:" + std::to_string(other.port()) + "/oauth/token";
  stream()["tls"]["ca_file"] = other.ca_file();
  reload();
  session.socket.expect_close();
  session = other.open_stream();
  EXPECT_FALSE(session.subscription.contains("sequenceNumber"));
  EXPECT_EQ(first("position_moved").at("cause"), "other_org_or_endpoint");
  session.socket.send(event(90));
  EXPECT_EQ(await_events(3).back(), event(90));
  EXPECT_EQ(await("config_reloaded").size(), 1U);
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

TEST_F(ReloadTest, a_wrong_configuration_changes_nothing_and_tells_every_fault) {
  Session session = connect(2);
  const json good = config_;
  stream()["buffer_size"] = 200;
  stream()["event_types"] = json::array({"interaction:nothing"});
  config_["log"]["levle"] = "debug";
  const auto errors = refused();
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_NE(errors[0].find("/log/levle"), std::string::npos);
  EXPECT_NE(errors[1].find("/streams/0/event_types/0"), std::string::npos);
  expect_same_connection(session, 3);
  config_ = good;
  EXPECT_TRUE(changes().empty());
}

TEST_F(ReloadTest, a_file_that_is_no_json_or_is_gone_changes_nothing) {
  Session session = connect(1);
  dir_.write("config.json", "{");
  daemon_->signal(SIGHUP);
  EXPECT_EQ(await("config_rejected", 1).back().at("errors").size(), 1U);
  fs::remove(config_path());
  daemon_->signal(SIGHUP);
  const std::string error = await("config_rejected", 2).back().at("errors").at(0);
  EXPECT_NE(error.find("ENOENT"), std::string::npos) << error;
  expect_same_connection(session, 2);
}

TEST_F(ReloadTest, a_new_sink_that_cannot_be_opened_is_refused_before_anything_is_applied) {
  Session session = connect(1);
  stream()["sinks"].push_back(
      {{"type", "file"}, {"name", "new"}, {"path", (dir_ / "nowhere/new.ndjson").string()}});
  const auto errors = refused();
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_TRUE(errors[0].starts_with("/streams/0/sinks/2/path: "));
  EXPECT_NE(errors[0].find("ENOENT"), std::string::npos);
  expect_same_connection(session, 2);
}

TEST_F(ReloadTest, a_refused_configuration_leaves_no_file_behind) {
  Session session = connect(1);
  for (const char* name : {"orphan", "nowhere/new"})
    stream()["sinks"].push_back({{"type", "file"},
                                 {"name", fs::path(name).filename().string()},
                                 {"path", (dir_ / name).string()}});
  EXPECT_EQ(refused().size(), 1U);
  EXPECT_FALSE(fs::exists(dir_ / "orphan"));
  expect_same_connection(session, 2);
}

TEST_F(ReloadTest, an_optional_sink_that_cannot_be_opened_refuses_nothing) {
  Session session = connect(1);
  stream()["sinks"].push_back({{"type", "file"},
                               {"name", "new"},
                               {"required", false},
                               {"path", (dir_ / "nowhere/new.ndjson").string()}});
  EXPECT_EQ(changes(), Lines{"/streams/0/sinks/2"});
  EXPECT_EQ(first("sink_failed").at("sink"), "new");
  expect_same_connection(session, 2);
  stream()["sinks"][2]["required"] = true;
  EXPECT_EQ(refused().size(), 1U);
  expect_same_connection(session, 3);
}

TEST_F(ReloadTest, sinks_come_change_and_go_without_touching_the_connection) {
  const auto extra = dir_ / "extra.ndjson";
  Session session = connect(2);
  stream()["sinks"].push_back({{"type", "file"}, {"name", "extra"}, {"path", extra.string()}});
  EXPECT_EQ(changes(), Lines{"/streams/0/sinks/2"});
  send_all(session, events(3, 4));
  EXPECT_EQ(wait_for_line_count(extra, 2), events(3, 4));

  const auto renamed = dir_ / "renamed.ndjson";
  stream()["sinks"][2]["path"] = renamed.string();
  EXPECT_EQ(changes(), Lines{"/streams/0/sinks/2/path"});
  session.socket.send(event(5));
  EXPECT_EQ(wait_for_line_count(renamed, 1), events(5, 5));

  stream()["sinks"][2]["event_types"] = json::array({"routing:queue:member"});
  EXPECT_EQ(changes().size(), 1U);
  stream()["sinks"].erase(2);
  EXPECT_EQ(changes(), Lines{"/streams/0/sinks/2"});
  expect_same_connection(session, 6);
  EXPECT_EQ(read_lines(extra), events(3, 4));
  EXPECT_EQ(read_lines(renamed), events(5, 5));
  EXPECT_EQ(read_lines(events_path()), events(1, 6));
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

TEST_F(ReloadTest, the_log_level_is_live) {
  config_["log"]["level"] = "error";
  Session session = connect(1);
  config_["log"]["level"] = "info";
  changes();
  session.socket.drop();
  session = peer_.reopen_stream();
  wait_for_line(daemon_->stderr_path(), "a line of level info", [](const std::string& line) {
    return line.find("subscription_sent") != std::string::npos;
  });
  EXPECT_EQ(read_file(daemon_->stderr_path()).find("token_acquired"), std::string::npos);
}

TEST_F(ReloadTest, gap_handling_is_live) {
  Session session = connect(2);
  stream()["integrity"]["on_gap"] = "record";
  changes();
  session.socket.send(event(5));
  EXPECT_EQ(await_events(3).back(), event(5));
  EXPECT_EQ(first("events_lost").at("cause"), "on_gap_record");
}

TEST_F(ReloadTest, a_shorter_idle_timeout_is_live) {
  stream()["liveness"]["idle_timeout_s"] = 3600;
  Session session = connect(1);
  stream()["liveness"]["idle_timeout_s"] = 1;
  changes();
  session.socket.expect_ping();
  session.socket.expect_end();
  EXPECT_GE(first("heartbeat_missed").at("silentS").get<double>(), 1.0);
}

TEST_F(ReloadTest, a_wait_that_the_server_asked_for_outlasts_reloads_that_do_not_concern_it) {
  run();
  peer_.serve_token();
  peer_.expect_http().reply(503, "", {{"Retry-After", "600"}});
  await("scheduling_reconnect");
  EXPECT_TRUE(changes().empty());
  stream()["integrity"]["gap_threshold"] = 2;
  EXPECT_EQ(changes(), Lines{"/streams/0/integrity/gap_threshold"});
  EXPECT_EQ(records("scheduling_reconnect").size(), 1U);
  stream()["reconnect"]["max_attempts"] = 7;
  changes();
  const Session session = peer_.reopen_stream();
  EXPECT_EQ(await("scheduling_reconnect", 2).back().at("cause"), "reload");
}

TEST_F(ReloadTest, a_token_on_its_way_that_was_asked_for_with_other_scopes_is_not_used) {
  Session session = connect(1);
  dir_.write(kSecretFile, "another-secret\n");
  daemon_->signal(SIGHUP);
  const HttpRequest renewal = peer_.expect_http();  // in flight
  stream()["oauth"]["scopes"] = json::array({"another"});
  reload();
  session.socket.expect_close_unanswered();
  renewal.reply(200, R"({"access_token":"old-scopes","expires_in":3600})");
  session.socket.hang_up();
  const HttpRequest asked = peer_.serve_token("token-2");
  EXPECT_EQ(asked.form().at("scope"), "another");
  session = peer_.reopen_stream();
  EXPECT_EQ(session.socket.request().query().at("access_token"), "token-2");
}

TEST_F(ReloadTest, a_stream_that_waits_uses_a_new_secret_for_its_next_attempt) {
  run();
  peer_.serve_token();
  peer_.expect_http().reply(503, "", {{"Retry-After", "600"}});
  await("scheduling_reconnect");
  dir_.write(kSecretFile, "another-secret\n");
  daemon_->signal(SIGHUP);
  EXPECT_EQ(peer_.serve_token("token-2").form().at("client_secret"), "another-secret");
  const Session session = peer_.reopen_stream();
  EXPECT_EQ(session.socket.request().query().at("access_token"), "token-2");
}

TEST_F(ReloadTest, a_changed_secret_is_tried_at_once_and_the_connection_stays) {
  Session session = connect(1);
  dir_.write(kSecretFile, "another-secret\n");
  daemon_->signal(SIGHUP);
  EXPECT_EQ(peer_.serve_token("token-2").form().at("client_secret"), "another-secret");
  EXPECT_EQ(await("config_reloaded").back().at("changes"),
            json::array({"/streams/0/oauth/client_secret_file"}));
  expect_same_connection(session, 2);
}

TEST_F(ReloadTest, a_mended_secret_ends_the_wait_of_a_stream) {
  stream()["reconnect"] = {{"base_delay_ms", 60000}, {"max_delay_ms", 60000}};
  run();
  peer_.expect_http().reply(401, R"({"error":"invalid_client"})");
  await("scheduling_reconnect");
  dir_.write(kSecretFile, "right-secret");
  daemon_->signal(SIGHUP);
  const Session session = peer_.open_stream();
  EXPECT_EQ(await("scheduling_reconnect", 2).back().at("cause"), "reload");
}

TEST_F(ReloadTest, another_authority_s_file_is_reread) {
  Peer other;
  Session session = connect(1);
  stream()["tls"]["ca_file"] = dir_.write("ca.pem", read_file(peer_.ca_file())).string();
  reload();
  session.socket.expect_close();
  session = peer_.reopen_stream();
  dir_.write("ca.pem", read_file(other.ca_file()));
  daemon_->signal(SIGHUP);
  EXPECT_EQ(await("config_reloaded", 2).back().at("changes"),
            json::array({"/streams/0/tls/ca_file"}));
  session.socket.drop();
  EXPECT_NE(peer_.expect_failed_handshake(), "");
}

TEST_F(ReloadTest, the_query_of_an_endpoint_is_not_logged) {
  Session session = connect(1);
  const std::string url = stream()["endpoints"]["oauth_url"];
  stream()["endpoints"]["oauth_url"] = url + "?key=of-this-endpoint";
  reload();
  session.socket.expect_close();
  session = peer_.open_stream("token-2");
  EXPECT_EQ(first("config_reloaded").at("changes"),
            json::array({"/streams/0/endpoints/oauth_url"}));
  const std::string log = read_file(daemon_->stderr_path());
  EXPECT_NE(log.find(url + "?***"), std::string::npos);
  EXPECT_EQ(log.find("of-this-endpoint"), std::string::npos);
}

TEST_F(ReloadTest, a_state_directory_stays_until_a_restart) {
  Session session = connect(1);
  config_["state_dir"] = (dir_ / "other").string();
  EXPECT_TRUE(changes().empty());  // nothing of it is applied
  wait_for_line(daemon_->stderr_path(), "the warning", [](const std::string& line) {
    return line.find("state_dir") != std::string::npos && line.find("restart") != std::string::npos;
  });
  EXPECT_EQ(stop(session), 0);
  EXPECT_FALSE(fs::exists(dir_ / "other"));
  EXPECT_TRUE(fs::exists(dir_ / "state/main.position"));
}

TEST_F(ReloadTest, many_signals_at_once_are_few_reloads_and_the_last_one_counts) {
  Session session = connect(1);
  for (unsigned i = 0; i < 50; ++i) {
    stream()["reconnect"]["max_attempts"] = 100 + i;
    reload();
  }
  wait_for_line(daemon_->stderr_path(), "the last value",
                [](const std::string& line) { return line.find("-> 149") != std::string::npos; });
  EXPECT_LT(records("config_reloaded").size(), 50U);
  expect_same_connection(session, 2);
}

TEST_F(ReloadTest, signals_during_the_start_kill_nothing) {
  run();
  wait_for_lines(audit_path(), "the audit log itself",
                 [&](const Lines&) { return fs::exists(audit_path()); });
  for (const int early : {SIGHUP, SIGUSR1, SIGHUP})
    daemon_->signal(early);
  Session session = peer_.open_stream();
  await("config_reloaded");
  EXPECT_EQ(stop(session), 0);
}

TEST_F(ReloadTest, sigterm_during_a_reload_ends_in_order) {
  Session session = connect(3);
  stream()["buffer_size"] = 77;
  reload();
  daemon_->signal(SIGTERM);
  session.socket.expect_close();
  EXPECT_EQ(daemon_->wait_exit(), 0);
  EXPECT_EQ(read_lines(events_path()), events(1, 3));
}

class ReopenTest : public ReloadTest, public ::testing::WithParamInterface<int> {};

TEST_P(ReopenTest, files_that_were_moved_away_are_opened_anew) {
  Session session = connect(3);
  fs::rename(events_path(), dir_ / "events.old");
  fs::rename(audit_path(), dir_ / "audit.old");
  daemon_->signal(GetParam());
  await_file(events_path());
  await_file(audit_path());
  send_all(session, events(4, 5));
  EXPECT_EQ(await_events(2), events(4, 5));
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(read_lines(dir_ / "events.old"), events(1, 3));
  Lines records_of_both = read_lines(dir_ / "audit.old");
  const Lines newer = read_lines(audit_path());
  records_of_both.insert(records_of_both.end(), newer.begin(), newer.end());
  EXPECT_EQ(fault_in_chain(records_of_both), "");
}

INSTANTIATE_TEST_SUITE_P(Signals, ReopenTest, ::testing::Values(SIGHUP, SIGUSR1),
                         [](const auto& number) {
                           return std::string(number.param == SIGHUP ? "SIGHUP" : "SIGUSR1");
                         });

TEST_F(ReloadTest, files_are_reopened_also_when_the_configuration_is_refused) {
  Session session = connect(3);
  fs::rename(events_path(), dir_ / "events.old");
  config_["nonsense"] = 1;
  refused();
  await_file(events_path());
  session.socket.send(event(4));
  EXPECT_EQ(await_events(1), events(4, 4));
  EXPECT_EQ(read_lines(dir_ / "events.old"), events(1, 3));
}

TEST_F(ReloadTest, sigusr1_reads_no_configuration) {
  Session session = connect(1);
  config_["nonsense"] = 1;
  dir_.write("config.json", config_.dump());
  fs::rename(events_path(), dir_ / "events.old");
  daemon_->signal(SIGUSR1);
  await_file(events_path());
  expect_same_connection(session, 2);
  EXPECT_TRUE(records("config_rejected").empty());
}

}  // namespace
}  // namespace gcstreamd::testing
