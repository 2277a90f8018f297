#pragma once

#include <string>
#include <string_view>

namespace gcstreamd::testing {

/// An accepted TCP connection on which the test says what it likes, without TLS. Owns the socket.
class RawConnection {
 public:
  explicit RawConnection(int socket) : socket_(socket) {}
  ~RawConnection() { drop(); }
  RawConnection(RawConnection&& other) noexcept;
  RawConnection& operator=(RawConnection&&) = delete;

  /// Everything up to and with `end`, and nothing behind it.
  std::string read_until(std::string_view end) const;
  /// Sends these bytes over and over, one at a time and slowly, until the client ends the
  /// connection.
  void drip(std::string_view bytes) const;
  /// Gives the socket away.
  int release();
  /// Waits for the client's first bytes, which are its hello, and leaves them unread.
  void expect_bytes() const;
  void write(std::string_view bytes) const;
  /// Waits until the client ends the connection.
  void expect_end() const;
  /// Says that nothing more comes, and still listens.
  void finish() const;
  void drop();

 private:
  int socket_;
};

}  // namespace gcstreamd::testing
