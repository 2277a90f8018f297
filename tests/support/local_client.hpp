#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace gcstreamd::testing {

/// A client of the daemon's own HTTP that says what it likes. Every wait has a deadline.
class LocalClient {
 public:
  /// Throws where nobody listens.
  explicit LocalClient(const std::filesystem::path& socket);
  explicit LocalClient(std::uint16_t port);
  ~LocalClient();
  LocalClient(LocalClient&& other) noexcept;
  LocalClient& operator=(LocalClient&&) = delete;

  void send(std::string_view bytes) const;
  /// Everything up to the server's end of the connection.
  std::string read_to_end();
  /// Reads until what was read since the last call ends with, or holds, this text.
  std::string read_until(std::string_view text);
  /// Waits, and reads nothing, until the server is gone.
  void await_hangup() const;

 private:
  bool read_some(int timeout_ms);

  int socket_;
  std::string read_;
};

/// `GET path`, and the whole answer.
std::string get(const std::filesystem::path& socket, std::string_view path);
std::string status_line(const std::string& answer);
std::string body_of(const std::string& answer);

}  // namespace gcstreamd::testing
