#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gcstreamd::testing {

/// The other side ended the connection.
class ConnectionEnded : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One accepted connection of the scripted server: OpenSSL on a blocking socket whose every wait
/// ends at the deadline. Owns the socket. One thread.
class TlsConnection {
 public:
  /// Shakes hands; throws std::runtime_error where that fails.
  TlsConnection(int socket, SSL_CTX* context);
  ~TlsConnection() { drop(); }
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;

  /// Exactly `size` bytes; `awaited` is for the message of the failure.
  std::string read_exactly(std::size_t size, std::string_view awaited);
  /// Everything up to and with the first `end`.
  std::string read_until(std::string_view end, std::string_view awaited);
  void write(std::string_view bytes);
  /// Each `record` bytes as a TLS record of its own, many of them in one call to the system.
  void write_records(std::string_view bytes, std::size_t record);

  /// The name that the client asked for (SNI); "" for none.
  std::string server_name() const;
  bool has_client_certificate() const;

  /// Sends these bytes over and over, one at a time and slowly, until the client ends the
  /// connection.
  void drip(std::string_view bytes);

  /// Closes as TLS wants it.
  void close();
  /// Writes, sends bytes that are not encrypted and ends TCP's sending side, in one segment.
  void break_off(std::string_view bytes, std::string_view not_tls);
  /// Reads on until the client's close_notify; throws where TCP ends without one.
  void await_close_notify();
  /// Waits until the client ends TCP, whatever it says before.
  void await_end();
  /// Closes the socket, and says nothing.
  void drop();
  /// Resets the TCP connection.
  void reset();

 private:
  /// Reads what comes within that time; throws where that is the end.
  void pause(int milliseconds);
  void fill(std::string_view awaited);
  [[noreturn]] void fail(int result, std::string_view awaited) const;

  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  int socket_;
  std::unique_ptr<SSL, Free> ssl_;
  std::string buffer_;
};

}  // namespace gcstreamd::testing
