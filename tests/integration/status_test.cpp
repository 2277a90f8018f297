#include <csignal>

#include "integration/stream_test.hpp"
#include "support/full_listener.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

class StatusTest : public StreamTest {
 protected:
  StatusTest() {
    config_["metrics"]["listen"] = "unix:" + (dir_ / "admin.sock").string();
    std::filesystem::create_directory(dir_ / "command");
  }

  Finished status(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"status", "--config", config_path().string()});
    return run_gcstreamd(dir_ / "command", std::move(options));
  }
  void write_config() { dir_.write("config.json", config_.dump(2)); }
};

TEST_F(StatusTest, tables_say_how_the_streams_are) {
  Session session = open();
  send_all(session, events(1, 3));
  await_events(3);
  const Finished finished = status();
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_NE(finished.out.find(", ready\n"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("main    streaming"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("audit  working"), std::string::npos) << finished.out;
}

TEST_F(StatusTest, json_is_what_the_daemon_answers) {
  Session session = open();
  session.socket.send(event(1));
  await_events(1);
  const Finished finished = status({"--json"});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  const json answer = json::parse(finished.out);
  EXPECT_EQ(answer.at("pid"), daemon_->pid());
  EXPECT_EQ(answer.at("streams").at(0).at("lastSequenceNumber"), 1);
}

TEST_F(StatusTest, it_works_over_tcp_too) {
  config_["metrics"]["listen"] = "127.0.0.1:0";
  const Session session = open();
  const std::string line =
      wait_for_line(daemon_->stderr_path(), "where it serves", [](const std::string& one) {
        return one.find("status and metrics on http://127.0.0.1:") != std::string::npos;
      });
  const std::string port = line.substr(line.rfind(':') + 1);
  const Finished finished =
      status({"--set", "/metrics/listen=127.0.0.1:" + port.substr(0, port.find('/'))});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
}

TEST_F(StatusTest, a_daemon_that_does_not_run_is_69_with_what_to_do) {
  write_config();
  const Finished finished = status();
  EXPECT_EQ(finished.exit_code, 69);
  EXPECT_EQ(finished.out, "");
  EXPECT_NE(finished.err.find("(ENOENT); is the daemon running"), std::string::npos)
      << finished.err;
}

TEST_F(StatusTest, one_that_does_not_answer_is_not_waited_for_for_long) {
  const FullListener full;
  config_["metrics"]["listen"] = "127.0.0.1:" + std::to_string(full.port());
  write_config();
  const Finished finished = status();
  EXPECT_EQ(finished.exit_code, 69);
  EXPECT_NE(finished.err.find("did not answer in time"), std::string::npos) << finished.err;
}

TEST_F(StatusTest, something_else_at_its_address_is_told_so) {
  config_["metrics"]["listen"] = "127.0.0.1:" + std::to_string(peer_.port());
  write_config();
  const Process asking(
      gcstreamd_command(dir_ / "command", {"status", "--config", config_path().string()}));
  RawConnection connection = peer_.expect_connection();
  connection.expect_bytes();
  connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  wait_for_line(asking.stderr_path(), "the fault", [](const std::string& line) {
    return line.find("what answers there is no gcstreamd") != std::string::npos;
  });
}

TEST_F(StatusTest, without_an_address_there_is_nothing_to_ask) {
  config_["metrics"]["listen"] = nullptr;
  write_config();
  const Finished finished = status();
  EXPECT_EQ(finished.exit_code, 69);
  EXPECT_NE(finished.err.find("metrics.listen is null"), std::string::npos) << finished.err;
}

TEST_F(StatusTest, whoever_asks_need_not_read_the_secrets_but_needs_the_address) {
  const Session session = open();
  std::filesystem::remove(dir_ / kSecretFile);
  EXPECT_EQ(status().exit_code, 0);
  EXPECT_EQ(status({"--set", "/metrics/listen=nowhere"}).exit_code, 78);
}

TEST_F(StatusTest, watching_follows_what_happens) {
  Session session = open();
  const Process watching(gcstreamd_command(
      dir_ / "command", {"status", "--json", "--watch", "--config", config_path().string()}));
  const auto number = [](const std::string& line) {
    return json::parse(line).at("streams").at(0).at("lastSequenceNumber");
  };
  wait_for_line(watching.stdout_path(), "no number yet",
                [&](const std::string& line) { return number(line).is_null(); });
  session.socket.send(event(7));
  wait_for_line(watching.stdout_path(), "the number",
                [&](const std::string& line) { return number(line) == 7; });
}

}  // namespace
}  // namespace gcstreamd::testing
