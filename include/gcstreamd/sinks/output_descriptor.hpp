#pragma once

#include <boost/system/error_code.hpp>
#include <string_view>

namespace gcstreamd {

/// A standard stream that never makes its writer wait, and leaves the flags of the descriptor that
/// it shares with the shell or the service manager as they are: pipes and terminals are opened
/// anew without blocking, sockets are asked so for each call.
class OutputDescriptor {
 public:
  OutputDescriptor() = default;
  ~OutputDescriptor();
  OutputDescriptor(const OutputDescriptor&) = delete;
  OutputDescriptor& operator=(const OutputDescriptor&) = delete;

  boost::system::error_code open(int standard_fd);
  /// Writes what it can and takes that off the front; would_block where the reader is slow.
  boost::system::error_code write(std::string_view& bytes);
  int fd() const { return fd_; }
  /// False for regular files.
  bool can_block() const { return can_block_; }

 private:
  long write_once(std::string_view bytes) const;

  int fd_ = -1;
  bool is_socket_ = false;
  bool can_block_ = false;
  bool ask_first_ = false;  ///< the descriptor itself blocks: another user's pipe
};

}  // namespace gcstreamd
