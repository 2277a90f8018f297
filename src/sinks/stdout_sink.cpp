#include "gcstreamd/sinks/stdout_sink.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace gcstreamd {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

error_code last_error() {
  return {errno, boost::system::system_category()};
}

bool would_block(const error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again;
}

/// A descriptor of our own that does not block, so that the shell's or parent's shared one keeps
/// its flags: pipes and terminals are opened anew, sockets are asked for each call.
int non_blocking_stdout(mode_t type) {
  if (S_ISFIFO(type) || S_ISCHR(type))
    if (const int fd = ::open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        fd >= 0)
      return fd;
  return ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
}

}  // namespace

StdoutSink::StdoutSink(const SinkContext& context, Callbacks callbacks)
    : callbacks_(std::move(callbacks)), descriptor_(context.loop) {}

StdoutSink::~StdoutSink() {
  if (fd_ < 0)
    return;
  descriptor_.release();
  ::close(fd_);
}

error_code StdoutSink::open(const SinkStart& start) {
  reached_ = start.place;
  struct stat status {};
  if (::fstat(STDOUT_FILENO, &status) != 0)
    return last_error();
  is_socket_ = S_ISSOCK(status.st_mode);
  fd_ = non_blocking_stdout(status.st_mode);
  if (fd_ < 0)
    return last_error();
  error_code ignored;  // a regular file cannot be waited for, and never makes us wait
  if (!S_ISREG(status.st_mode))
    descriptor_.assign(fd_, ignored);
  return {};
}

void StdoutSink::append(const Event& event, const Now&) {
  if (buffer_.size() + event.line.size() < kMaxWaiting) {
    buffer_ += event.line;
    buffer_ += '\n';
    return;
  }
  ++dropped_count_;
  if (event.number == kNoNumber)
    return;
  if (dropped_.from == 0)
    dropped_.from = event.number;
  dropped_.to = event.number;
}

error_code StdoutSink::flush() {
  if (blocked_ || buffer_.empty())
    return {};
  const error_code error = write_some();
  if (!would_block(error))
    return error;
  await_reader();
  return {};
}

error_code StdoutSink::write_some() {
  std::string_view rest = buffer_;
  error_code error;
  while (!rest.empty() && !error) {
    const ssize_t written = is_socket_
                                ? ::send(fd_, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                                : ::write(fd_, rest.data(), rest.size());
    if (written >= 0)
      rest.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      error = last_error();
  }
  buffer_.erase(0, buffer_.size() - rest.size());
  return error;
}

void StdoutSink::await_reader() {
  if (!descriptor_.is_open())
    return;
  blocked_ = true;
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_write,
                         [this](const error_code& aborted) {
                           if (aborted)
                             return;
                           blocked_ = false;
                           if (const auto error = flush())
                             callbacks_.on_fault(error);
                         });
}

std::optional<Hole> StdoutSink::take_dropped(std::uint64_t& count) {
  count = std::exchange(dropped_count_, 0);
  const Hole hole = std::exchange(dropped_, Hole{});
  return count > 0 ? std::optional(hole) : std::nullopt;
}

bool StdoutSink::ends_with(const error_code& error) const {
  return error == boost::system::errc::broken_pipe ||
         error == boost::system::errc::bad_file_descriptor ||
         error == boost::system::errc::connection_reset;
}

}  // namespace gcstreamd
