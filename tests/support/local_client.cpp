#include "support/local_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "support/deadline.hpp"

namespace gcstreamd::testing {
namespace {

template <class Address>
int connect_to(int family, const Address& address) {
  const int socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto* raw = static_cast<const sockaddr*>(static_cast<const void*>(&address));
  if (::connect(socket, raw, sizeof address) == 0)
    return socket;
  const int error = errno;
  ::close(socket);
  throw std::system_error(error, std::generic_category(), "connect");
}

}  // namespace

LocalClient::LocalClient(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  socket_ = connect_to(AF_UNIX, address);
}

LocalClient::LocalClient(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socket_ = connect_to(AF_INET, address);
}

LocalClient::~LocalClient() {
  if (socket_ >= 0)
    ::close(socket_);
}

LocalClient::LocalClient(LocalClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), read_(std::move(other.read_)) {}

void LocalClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return;  // it hung up already: what it said of that can still be read
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool LocalClient::read_some(int timeout_ms) {
  pollfd waiting{socket_, POLLIN, 0};
  if (::poll(&waiting, 1, timeout_ms) <= 0)
    throw std::runtime_error("the daemon answered nothing more; so far: " + read_);
  std::array<char, 4096> block{};
  const ssize_t got = ::recv(socket_, block.data(), block.size(), 0);
  if (got > 0)
    read_.append(block.data(), static_cast<std::size_t>(got));
  return got > 0;
}

std::string LocalClient::read_to_end() {
  const Deadline deadline;
  while (read_some(deadline.left_ms())) {
  }
  return std::exchange(read_, {});
}

std::string LocalClient::read_until(std::string_view text) {
  const Deadline deadline;
  auto found = read_.find(text);
  while (found == std::string::npos) {
    if (!read_some(deadline.left_ms()))
      throw std::runtime_error("the daemon ended the connection; it said: " + read_);
    found = read_.find(text);
  }
  std::string head = read_.substr(0, found + text.size());
  read_.erase(0, head.size());
  return head;
}

void LocalClient::await_hangup() const {
  constexpr std::chrono::seconds kLong{60};
  const Deadline deadline(kLong);
  pollfd waiting{socket_, POLLRDHUP, 0};
  if (::poll(&waiting, 1, deadline.left_ms()) <= 0)
    throw std::runtime_error("the daemon keeps a client that reads nothing");
}

std::string get(const std::filesystem::path& socket, std::string_view path) {
  LocalClient client(socket);
  client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  return client.read_to_end();
}

std::string status_line(const std::string& answer) {
  return answer.substr(0, answer.find("\r\n"));
}

std::string body_of(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

}  // namespace gcstreamd::testing
