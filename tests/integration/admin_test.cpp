#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "integration/stream_test.hpp"
#include "support/deadline.hpp"
#include "support/local_client.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

/// A TCP port on loopback that is taken as long as this object lives.
class TakenPort {
 public:
  TakenPort() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = static_cast<sockaddr*>(static_cast<void*>(&address));
    EXPECT_EQ(::bind(descriptor_, raw, size), 0);
    EXPECT_EQ(::listen(descriptor_, 1), 0);
    EXPECT_EQ(::getsockname(descriptor_, raw, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~TakenPort() { ::close(descriptor_); }
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

/// A socket file whose owner lives and accepts nobody: its queue is full.
class FullSocket {
 public:
  explicit FullSocket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const auto* raw = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    sockets_.push_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(sockets_.back(), raw, sizeof address), 0);
    EXPECT_EQ(::listen(sockets_.back(), 0), 0);
    do
      sockets_.push_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    while (::connect(sockets_.back(), raw, sizeof address) == 0);
    EXPECT_EQ(errno, EAGAIN);
  }
  ~FullSocket() {
    for (const int socket : sockets_)
      ::close(socket);
  }
  FullSocket(const FullSocket&) = delete;
  FullSocket& operator=(const FullSocket&) = delete;

 private:
  std::vector<int> sockets_;
};

class AdminTest : public StreamTest {
 protected:
  AdminTest() { config_["metrics"]["listen"] = "unix:" + socket_path(); }
  std::string socket_path() const { return (dir_ / "admin.sock").string(); }

  /// Sends what is given to the daemon's Unix socket and returns the whole answer.
  std::string ask(std::string_view request) const {
    LocalClient client(socket_path());
    client.send(request);
    return client.read_to_end();
  }
  std::string get(std::string_view path) const { return testing::get(socket_path(), path); }
  json status() const { return json::parse(body_of(get("/status"))); }
  static bool has_line(const std::string& answer, std::string_view line) {
    return answer.find("\n" + std::string(line) + "\n") != std::string::npos;
  }
  /// Asks for the metrics until this line is among them.
  std::string await_line(std::string_view line) const {
    const Deadline deadline;
    std::string answer = get("/metrics");
    while (!has_line(answer, line) && !deadline.passed())
      answer = get("/metrics");
    EXPECT_TRUE(has_line(answer, line)) << line << " is not in\n" << answer;
    return answer;
  }
  /// Asks until the answer is such a one.
  std::string await_answer(std::string_view path, std::string_view start) const {
    const Deadline deadline;
    std::string answer = get(path);
    while (!answer.starts_with(start) && !deadline.passed())
      answer = get(path);
    EXPECT_TRUE(answer.starts_with(start)) << answer;
    return body_of(answer);
  }
};

TEST_F(AdminTest, health_is_answered_by_get_and_head_alone) {
  const Session session = open();
  EXPECT_TRUE(get("/healthz").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(ask("GET /healthz?x=1 HTTP/1.0\r\n\r\n").ends_with("\r\n\r\nok\n"));
  EXPECT_TRUE(
      ask("HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ends_with("\r\n\r\n"));
  EXPECT_TRUE(get("/etc/passwd").starts_with("HTTP/1.1 404 "));
  const std::string refused =
      ask("POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 405 "));
  EXPECT_NE(refused.find("Allow: GET, HEAD"), std::string::npos);
}

TEST_F(AdminTest, the_status_page_is_one_file_that_asks_for_nothing_else) {
  const Session session = open();
  const std::string answer = get("/");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 "));
  EXPECT_NE(answer.find("Content-Type: text/html; charset=utf-8\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Content-Security-Policy: default-src 'none'; script-src 'sha256-"),
            std::string::npos);
  const std::string page = body_of(answer);
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(page.ends_with("</html>\n"));
  for (const auto* word : {" src=", "@import", "url(", "innerHTML", "@CSS@", "@JS@"})
    EXPECT_EQ(page.find(word), std::string::npos) << word;
}

TEST_F(AdminTest, metrics_count_what_came) {
  Session session = open();
  send_all(session, events(1, 3));
  await("event_received", 3);
  const std::string answer =
      await_line(R"(gcstreamd_durable_sequence_number{stream="main",sink="audit"} 3)");
  EXPECT_NE(answer.find("Content-Type: text/plain; version=0.0.4"), std::string::npos);
  for (const auto* line : {R"(gcstreamd_connected{stream="main"} 1)",
                           R"(gcstreamd_last_sequence_number{stream="main"} 3)",
                           R"(gcstreamd_event_latency_seconds_count{stream="main"} 3)",
                           R"(gcstreamd_events_lost_total{stream="main"} 0)"})
    EXPECT_TRUE(has_line(answer, line)) << line << " is not in\n" << answer;
}

TEST_F(AdminTest, a_drop_and_the_recovery_are_seen) {
  Session session = open();
  send_all(session, events(1, 3));
  await_events(3);
  EXPECT_EQ(body_of(get("/readyz")), "ready\n");
  EXPECT_EQ(status().at("streams")[0].at("state"), "streaming");
  session.socket.drop();
  for (int attempt = 0; attempt < 5; ++attempt)
    peer_.expect_http().reply(503, "{}");
  const std::string body = await_answer("/readyz", "HTTP/1.1 503 ");
  EXPECT_NE(body.find("stream main: not connected"), std::string::npos) << body;
  const json dropped = status().at("streams")[0];
  EXPECT_EQ(dropped.at("ready"), false);
  EXPECT_EQ(dropped.at("connectedSince"), nullptr);
  EXPECT_FALSE(dropped.at("faults").empty());
  Session again = peer_.reopen_stream();
  EXPECT_EQ(await_answer("/readyz", "HTTP/1.1 200 "), "ready\n");
  send_all(again, events(4, 5));
  await_events(5);
  const json back = status().at("streams")[0];
  EXPECT_EQ(back.at("state"), "streaming");
  EXPECT_EQ(back.at("lastSequenceNumber"), 5);
  EXPECT_EQ(back.at("events"), 5);
  EXPECT_EQ(back.at("reconnects").at("upgrade_http_503"), 5);
}

TEST_F(AdminTest, a_loss_is_on_the_timeline_with_its_range) {
  stream()["integrity"]["on_gap"] = "record";
  Session session = open();
  send_all(session, {event(1), event(5)});
  await("events_lost");
  const json lost = status().at("streams")[0];
  EXPECT_EQ(lost.at("lost"), 3);
  const json& incident = lost.at("timeline").back();
  EXPECT_EQ(incident.at("type"), "events_lost");
  EXPECT_EQ(incident.at("fields").at("from"), 2);
  EXPECT_EQ(incident.at("fields").at("to"), 4);
  EXPECT_NE(get("/metrics").find("gcstreamd_events_lost_total{stream=\"main\"} 3\n"),
            std::string::npos);
}

TEST_F(AdminTest, a_required_sink_that_fails_is_named) {
  const auto full = dir_ / "full";
  std::filesystem::create_symlink("/dev/full", full);
  stream()["sinks"].push_back({{"type", "file"}, {"name", "spare"}, {"path", full.string()}});
  Session session = open();
  session.socket.send(event(1));
  const std::string body = await_answer("/readyz", "HTTP/1.1 503 ");
  EXPECT_NE(body.find("sink spare is failed"), std::string::npos) << body;
  EXPECT_NE(body.find("ENOSPC"), std::string::npos) << body;
  EXPECT_NE(get("/metrics").find("sink_failures_total{stream=\"main\",sink=\"spare\"} 1\n"),
            std::string::npos);
}

TEST_F(AdminTest, a_connection_may_ask_more_than_once_and_all_at_once) {
  const Session session = open();
  LocalClient client(socket_path());
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
  client.send(request + request);
  client.read_until("\r\n\r\nok\n");
  client.read_until("\r\n\r\nok\n");
  client.send(request);
  client.read_until("\r\n\r\nok\n");
}

TEST_F(AdminTest, what_is_no_request_is_told_so) {
  const Session session = open();
  EXPECT_TRUE(ask("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(
      ask("GET /" + std::string(20000, 'x') + " HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(
      ask("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

TEST_F(AdminTest, a_name_that_was_made_point_here_is_refused) {
  config_["metrics"]["listen"] = "127.0.0.1:0";
  const Session session = open();
  const std::string line =
      wait_for_line(daemon_->stderr_path(), "where it serves", [](const auto& l) {
        return l.find("serving status and metrics on http://127.0.0.1:") != std::string::npos;
      });
  const auto port = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
  const auto ask_as = [&](const std::string& host) {
    LocalClient client(port);
    client.send("GET /status HTTP/1.1\r\nConnection: close\r\nHost: " + host + "\r\n\r\n");
    return client.read_to_end();
  };
  EXPECT_TRUE(ask_as("evil.example:" + std::to_string(port)).starts_with("HTTP/1.1 421 "));
  EXPECT_TRUE(ask_as("10.0.0.1").starts_with("HTTP/1.1 421 "));
  EXPECT_TRUE(ask_as("localhost:8080").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(ask_as("127.0.0.1").starts_with("HTTP/1.1 200 "));
}

TEST_F(AdminTest, clients_that_never_finish_a_request_keep_nobody_out) {
  Session session = open();
  std::vector<LocalClient> slow;
  for (int i = 0; i < 100; ++i) {
    slow.emplace_back(std::filesystem::path(socket_path())).send("GET /healthz HTTP/1.1\r\nX: ");
    ASSERT_TRUE(get("/healthz").starts_with("HTTP/1.1 200 ")) << i;
  }
  session.socket.send(event(1));
  EXPECT_EQ(await_events(1), events(1, 1));
  for (LocalClient& client : slow)
    EXPECT_EQ(client.read_to_end(), "");  // each of them was given up
}

TEST_F(AdminTest, events_are_read_live_by_so_many_and_no_more) {
  Session session = open();
  std::vector<LocalClient> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back(std::filesystem::path(socket_path()))
        .send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    readers.back().read_until("\ndata: ");
  }
  EXPECT_TRUE(get("/events").starts_with("HTTP/1.1 503 "));
  send_all(session, events(1, 2));
  await_events(2);
  for (LocalClient& reader : readers)
    reader.read_until("\"lastSequenceNumber\":2,");
  readers.pop_back();
  await_answer("/healthz", "HTTP/1.1 200 ");
  LocalClient next(std::filesystem::path{socket_path()});
  next.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  next.read_until("\ndata: ");
}

TEST_F(AdminTest, a_reader_that_takes_nothing_is_dropped) {
  Session session = open();
  for (int i = 0; i < 60; ++i)  // so many different faults make the status a long one
    session.socket.send("{" + std::string(static_cast<std::size_t>(i), ' ') + "}");
  await("invalid_event", 60);
  LocalClient lazy(std::filesystem::path{socket_path()});
  lazy.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  lazy.await_hangup();
  EXPECT_TRUE(get("/healthz").starts_with("HTTP/1.1 200 "));
}

TEST_F(AdminTest, the_socket_is_for_its_owner_and_group) {
  const Session session = open();
  const auto permissions = std::filesystem::status(socket_path()).permissions();
  EXPECT_EQ(static_cast<unsigned>(permissions), 0660U);
}

TEST_F(AdminTest, a_socket_that_a_dead_process_left_is_taken_over_and_removed_in_the_end) {
  Session session = open();
  daemon_->signal(SIGKILL);
  daemon_->wait_exit();
  ASSERT_TRUE(std::filesystem::exists(socket_path()));
  session = open();
  EXPECT_TRUE(get("/healthz").starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(stop(session), 0);
  EXPECT_FALSE(std::filesystem::exists(socket_path()));
}

TEST_F(AdminTest, a_taken_address_is_an_error_at_start) {
  const TakenPort taken;
  config_["metrics"]["listen"] = taken.address();
  EXPECT_EQ(run().wait_exit(), 74);
  const std::string log = read_file(daemon_->stderr_path());
  EXPECT_NE(log.find("metrics.listen: " + taken.address()), std::string::npos) << log;
  EXPECT_NE(log.find("EADDRINUSE"), std::string::npos) << log;
}

TEST_F(AdminTest, a_taken_address_is_a_warning_at_a_reload_and_the_old_one_stays) {
  const TakenPort taken;
  Session session = open();
  config_["metrics"]["listen"] = taken.address();
  reload();
  wait_for_line(daemon_->stderr_path(), "the warning", [&](const std::string& line) {
    return line.find(taken.address()) != std::string::npos &&
           line.find("warning") != std::string::npos;
  });
  await("config_reloaded");
  EXPECT_TRUE(get("/healthz").starts_with("HTTP/1.1 200 "));
  session.socket.send(event(1));
  EXPECT_EQ(await_events(1), events(1, 1));
}

TEST_F(AdminTest, a_socket_whose_owner_accepts_nobody_is_taken_and_holds_up_nothing) {
  const std::string path = (dir_ / "full.sock").string();
  const FullSocket full(path);
  Session session = open();
  config_["metrics"]["listen"] = "unix:" + path;
  reload();
  await("config_reloaded");
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_TRUE(get("/healthz").starts_with("HTTP/1.1 200 "));
  session.socket.send(event(1));
  EXPECT_EQ(await_events(1), events(1, 1));
}

TEST_F(AdminTest, readers_of_events_see_a_reload_that_moves_it_as_an_end) {
  const Session session = open();
  LocalClient reader(std::filesystem::path{socket_path()});
  reader.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  reader.read_until("\ndata: ");
  const auto elsewhere = dir_ / "elsewhere.sock";
  config_["metrics"]["listen"] = "unix:" + elsewhere.string();
  reload();
  reader.read_to_end();
  EXPECT_TRUE(testing::get(elsewhere, "/healthz").starts_with("HTTP/1.1 200 "));
}

TEST_F(AdminTest, a_socket_that_was_removed_is_made_anew_by_a_reload) {
  const Session session = open();
  std::filesystem::remove(socket_path());
  reload();
  await("config_reloaded");
  EXPECT_TRUE(get("/healthz").starts_with("HTTP/1.1 200 "));
}

TEST_F(AdminTest, a_socket_that_is_another_ones_by_now_is_left_alone) {
  Session session = open();
  std::filesystem::remove(socket_path());
  const FullSocket other(socket_path());
  EXPECT_EQ(stop(session), 0);
  EXPECT_TRUE(std::filesystem::exists(socket_path()));
}

TEST_F(AdminTest, a_port_of_its_own_may_be_widened_by_a_reload) {
  config_["metrics"]["listen"] = "127.0.0.1:0";
  const Session session = open();
  constexpr std::string_view kHead = "on http://127.0.0.1:";
  const std::string line =
      wait_for_line(daemon_->stderr_path(), "the address",
                    [&](const std::string& text) { return text.find(kHead) != std::string::npos; });
  const std::string port = line.substr(line.find(kHead) + kHead.size());
  config_["metrics"]["listen"] = "0.0.0.0:" + port.substr(0, port.find('/'));
  reload();
  wait_for_line(daemon_->stderr_path(), "the wider address", [](const std::string& text) {
    return text.find("serving status and metrics on http://0.0.0.0:") != std::string::npos;
  });
}

TEST_F(AdminTest, a_stream_that_cannot_be_opened_at_a_reload_is_not_ready) {
  const Session session = open();
  std::filesystem::create_directories(dir_ / "state" / "second.position");
  json second = stream();
  second["name"] = "second";
  second["sinks"] = {{{"type", "audit"}, {"path", (dir_ / "second.jsonl").string()}}};
  config_["streams"].push_back(second);
  reload();
  const std::string reasons = await_answer("/readyz", "HTTP/1.1 503 ");
  EXPECT_NE(reasons.find("stream second: it could not be opened: "), std::string::npos) << reasons;
  await_line(R"(gcstreamd_connected{stream="second"} 0)");
}

TEST_F(AdminTest, a_reload_may_turn_it_off) {
  const Session session = open();
  config_["metrics"]["listen"] = nullptr;
  reload();
  EXPECT_EQ(await("config_reloaded").at(0).at("changes"), json::array({"/metrics/listen"}));
  EXPECT_FALSE(std::filesystem::exists(socket_path()));
}

}  // namespace
}  // namespace gcstreamd::testing
