#include "support/notify_listener.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "support/deadline.hpp"

namespace gcstreamd::testing {
namespace {

constexpr std::size_t kMaxNotice = 4096;

std::string receive(int descriptor) {
  std::string text(kMaxNotice, '\0');
  const ssize_t got = ::recv(descriptor, text.data(), text.size(), MSG_TRUNC);
  if (got < 0)
    throw std::system_error(errno, std::system_category(), "recv");
  if (static_cast<std::size_t>(got) > text.size())
    throw std::runtime_error("a notification that systemd would ignore for its length");
  text.resize(static_cast<std::size_t>(got));
  return text;
}

sockaddr_un socket_name(const std::string& address) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (address.empty() || address.size() >= sizeof name.sun_path)
    throw std::runtime_error("not for a socket: " + address);
  std::memcpy(name.sun_path, address.data(), address.size());
  if (address.front() == '@')
    name.sun_path[0] = '\0';
  return name;
}

socklen_t length_of(const std::string& address) {
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
}

bool has_line(std::string_view text, std::string_view begins) {
  return text.starts_with(begins) || text.find("\n" + std::string(begins)) != text.npos;
}

}  // namespace

NotifyListener::NotifyListener(const std::string& address)
    : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)), address_(address) {
  const sockaddr_un name = socket_name(address);
  if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&name), length_of(address)) != 0)
    throw std::system_error(errno, std::system_category(), "bind " + address);
}

NotifyListener::~NotifyListener() {
  ::close(descriptor_);
  std::error_code ignored;
  if (address_.front() == '/')
    std::filesystem::remove(address_, ignored);
}

std::string NotifyListener::await(std::string_view line_begins) {
  const Deadline deadline;
  while (!deadline.passed()) {
    pollfd ready{descriptor_, POLLIN, 0};
    if (::poll(&ready, 1, deadline.left_ms()) <= 0)
      continue;
    if (std::string text = receive(descriptor_); has_line(text, line_begins))
      return text;
  }
  throw std::runtime_error("no notification came with: " + std::string(line_begins));
}

void NotifyListener::clog() {
  const int sender = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const sockaddr_un name = socket_name(address_);
  constexpr std::string_view kText = "CLOG=1";
  ssize_t sent = 0;
  while (sent >= 0)
    sent = ::sendto(sender, kText.data(), kText.size(), 0, reinterpret_cast<const sockaddr*>(&name),
                    length_of(address_));
  const int error = errno;
  ::close(sender);
  if (error != EAGAIN)
    throw std::system_error(error, std::system_category(), "sendto " + address_);
}

std::vector<std::string> NotifyListener::rest() {
  std::vector<std::string> texts;
  pollfd ready{descriptor_, POLLIN, 0};
  while (::poll(&ready, 1, 0) > 0)
    texts.push_back(receive(descriptor_));
  return texts;
}

}  // namespace gcstreamd::testing
