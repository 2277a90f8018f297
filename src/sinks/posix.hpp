#pragma once

#include <boost/system/error_code.hpp>
#include <string>
#include <string_view>
#include <system_error>

namespace gcstreamd {

/// errno, right after the call that set it.
boost::system::error_code last_error();
/// An errno as the standard library tells it; Boost's own conversion loses its number.
boost::system::error_code system_error_of(const std::error_code& error);

/// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  /// Closes it now, for the error that only close tells.
  boost::system::error_code close();

 private:
  int fd_;
};

/// Goes on after short writes and interruptions; on failure a part may have been written.
boost::system::error_code write_all(int fd, std::string_view bytes);

/// Makes the names in the directory of `path` durable.
boost::system::error_code sync_parent(const std::string& path);

/// Lower-case hexadecimal digits, added to `out`.
void append_hex(std::string& out, const unsigned char* bytes, std::size_t size);

}  // namespace gcstreamd
