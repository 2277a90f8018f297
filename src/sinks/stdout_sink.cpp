#include "gcstreamd/sinks/stdout_sink.hpp"

#include <unistd.h>

#include <algorithm>

namespace gcstreamd {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

bool would_block(const error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again;
}

}  // namespace

StdoutSink::StdoutSink(const SinkContext& context, Callbacks callbacks)
    : callbacks_(std::move(callbacks)), descriptor_(context.loop) {}

StdoutSink::~StdoutSink() {
  *alive_ = false;
  if (descriptor_.is_open())
    descriptor_.release();  // out_ owns it
}

error_code StdoutSink::open(const SinkStart& start) {
  reached_ = written_ = start.place;
  if (const auto error = out_.open(STDOUT_FILENO))
    return error;
  error_code ignored;  // a regular file cannot be waited for, and never makes us wait
  if (out_.can_block())
    descriptor_.assign(out_.fd(), ignored);
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
  if (blocked_)
    return {};
  const error_code error = write_some();
  if (buffer_.empty())
    written_ = reached_;
  if (!would_block(error))
    return error;
  await_reader();
  return {};
}

error_code StdoutSink::write_some() {
  std::string_view rest = buffer_;
  const error_code error = out_.write(rest);
  buffer_.erase(0, buffer_.size() - rest.size());
  return error;
}

std::uint64_t StdoutSink::unwritten(Hole& range) const {
  range = {written_.number + 1, reached_.number};
  return static_cast<std::uint64_t>(std::count(buffer_.begin(), buffer_.end(), '\n'));
}

void StdoutSink::await_reader() {
  if (!descriptor_.is_open())
    return;
  blocked_ = true;
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_write,
                         [this, alive = alive_](const error_code& aborted) {
                           if (aborted || !*alive)
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
