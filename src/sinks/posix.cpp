#include "posix.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

namespace gcstreamd {

using boost::system::error_code;

error_code last_error() {
  return {errno, boost::system::system_category()};
}

error_code system_error_of(const std::error_code& error) {
  return {error.value(), boost::system::system_category()};
}

Descriptor::~Descriptor() {
  if (fd_ >= 0)
    ::close(fd_);
}

error_code Descriptor::close() {
  return ::close(std::exchange(fd_, -1)) == 0 ? error_code() : last_error();
}

error_code write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      return last_error();
  }
  return {};
}

error_code sync_parent(const std::string& path) {
  const auto parent = std::filesystem::absolute(path).parent_path();
  const Descriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.ok() || ::fsync(directory.get()) != 0)
    return last_error();
  return {};
}

void append_hex(std::string& out, const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t i = 0; i < size; ++i) {
    out += kDigits[bytes[i] >> 4U];
    out += kDigits[bytes[i] & 15U];
  }
}

}  // namespace gcstreamd
