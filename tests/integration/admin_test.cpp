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
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{kPatience.count(), 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = socket_path();
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    std::string answer;
    const auto* raw = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    if (::connect(descriptor, raw, sizeof address) == 0 &&
        ::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
      std::array<char, 4096> block{};
      for (ssize_t got = 1; got > 0;) {
        got = ::recv(descriptor, block.data(), block.size(), 0);
        answer.append(block.data(), static_cast<std::size_t>(got > 0 ? got : 0));
      }
    }
    ::close(descriptor);
    return answer;
  }
};

TEST_F(AdminTest, health_is_answered_and_the_rest_is_not) {
  const Session session = open();
  EXPECT_TRUE(ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(ask("GET /healthz?x=1 HTTP/1.0\r\n\r\n").ends_with("\r\n\r\nok\n"));
  EXPECT_TRUE(ask("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("\r\n\r\n"));
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(ask("POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                  .starts_with("HTTP/1.1 405 "));
  EXPECT_EQ(ask("nonsense\r\n\r\n"), "");
  EXPECT_EQ(ask("GET /" + std::string(20000, 'x') + " HTTP/1.1\r\n\r\n"), "");
}

TEST_F(AdminTest, a_socket_that_a_dead_process_left_is_taken_over_and_removed_in_the_end) {
  Session session = open();
  daemon_->signal(SIGKILL);
  daemon_->wait_exit();
  ASSERT_TRUE(std::filesystem::exists(socket_path()));
  session = open();
  EXPECT_TRUE(ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 200 "));
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
  EXPECT_TRUE(ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 200 "));
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
  EXPECT_TRUE(ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 200 "));
  session.socket.send(event(1));
  EXPECT_EQ(await_events(1), events(1, 1));
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
