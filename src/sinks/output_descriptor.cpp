#include "gcstreamd/sinks/output_descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string>

#include "posix.hpp"

namespace gcstreamd {
namespace {

using boost::system::error_code;

int non_blocking(int standard_fd, mode_t type) {
  const std::string path = "/proc/self/fd/" + std::to_string(standard_fd);
  if (S_ISFIFO(type) || S_ISCHR(type))
    if (const int fd = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC); fd >= 0)
      return fd;
  constexpr int kAboveStandard = 3;
  return ::fcntl(standard_fd, F_DUPFD_CLOEXEC, kAboveStandard);
}

}  // namespace

OutputDescriptor::~OutputDescriptor() {
  if (fd_ >= 0)
    ::close(fd_);
}

error_code OutputDescriptor::open(int standard_fd) {
  struct stat status {};
  if (::fstat(standard_fd, &status) != 0)
    return last_error();
  is_socket_ = S_ISSOCK(status.st_mode);
  can_block_ = !S_ISREG(status.st_mode);
  fd_ = non_blocking(standard_fd, status.st_mode);
  if (fd_ < 0)
    return last_error();
  ask_first_ = can_block_ && !is_socket_ && (::fcntl(fd_, F_GETFL) & O_NONBLOCK) == 0;
  return {};
}

error_code OutputDescriptor::write(std::string_view& bytes) {
  while (!bytes.empty()) {
    const long written = write_once(bytes);
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      return last_error();
  }
  return {};
}

/// A pipe that says it is ready takes PIPE_BUF bytes without waiting (pipe(7)).
long OutputDescriptor::write_once(std::string_view bytes) const {
  if (is_socket_)
    return ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (!ask_first_)
    return ::write(fd_, bytes.data(), bytes.size());
  pollfd ready{fd_, POLLOUT, 0};
  if (::poll(&ready, 1, 0) == 1)
    return ::write(fd_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
  errno = EAGAIN;
  return -1;
}

}  // namespace gcstreamd
