#include "bench/load/line_watch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace gcstreamd::bench {

LineWatch::LineWatch(const std::string& path)
    : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), buffer_(256 * 1024) {
  if (fd_ < 0)
    throw std::runtime_error("cannot read " + path);
  ::lseek(fd_, 0, SEEK_END);
}

LineWatch::~LineWatch() {
  ::close(fd_);
}

std::uint64_t LineWatch::lines() {
  ssize_t got = 0;
  while ((got = ::read(fd_, buffer_.data(), buffer_.size())) > 0)
    lines_ += static_cast<std::uint64_t>(std::count(buffer_.begin(), buffer_.begin() + got, '\n'));
  return lines_;
}

}  // namespace gcstreamd::bench
