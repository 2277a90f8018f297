#include "gcstreamd/sinks/output_descriptor.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace gcstreamd {
namespace {

using boost::system::error_code;

error_code last_error() {
  return {errno, boost::system::system_category()};
}

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
  return fd_ >= 0 ? error_code() : last_error();
}

error_code OutputDescriptor::write(std::string_view& bytes) {
  while (!bytes.empty()) {
    const ssize_t written =
        is_socket_ ? ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                   : ::write(fd_, bytes.data(), bytes.size());
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      return last_error();
  }
  return {};
}

}  // namespace gcstreamd
