#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/identity.hpp"
#include "support/raw_connection.hpp"

namespace gcstreamd::testing {

class TlsConnection;

struct CloseFrame {
  std::uint16_t code = 0;  ///< 1005 where the frame held none
  std::string reason;
};

using Headers = std::map<std::string, std::string, std::less<>>;

class WebSocket;

/// One HTTP request that waits for its answer. `headers` has lower-case names.
class HttpRequest {
 public:
  std::string method;
  std::string target;
  Headers headers;
  std::string body;
  std::string server_name;  ///< SNI
  bool has_client_certificate = false;

  std::string path() const;
  /// The decoded fields of the query, or of a form body.
  Headers query() const;
  Headers form() const;
  std::string header(std::string_view name) const;

  /// Answers and closes the connection.
  void reply(int status, std::string_view body, const Headers& extra = {}) const;
  WebSocket accept_websocket() const;
  /// Sends these bytes and leaves the connection open.
  void send_raw_bytes(std::string_view bytes) const;
  /// Sends these bytes slowly, over and over, until the client ends the connection.
  void drip(std::string_view bytes) const;
  /// Ends the connection as TLS wants it, without an answer.
  void hang_up() const;
  /// Ends the TCP connection, and says nothing.
  void drop() const;

 private:
  friend class Peer;
  std::shared_ptr<TlsConnection> connection_;
};

/// The server's end of a WebSocket. Reads answer pings on the way; every wait has a deadline.
class WebSocket {
 public:
  WebSocket(HttpRequest request, std::shared_ptr<TlsConnection> connection)
      : request_(std::move(request)), connection_(std::move(connection)) {}

  const HttpRequest& request() const { return request_; }

  std::string read_text();
  nlohmann::json read_json();

  void send(std::string_view text);
  void send_binary(std::string_view bytes);
  void send_fragmented(const std::vector<std::string>& parts);
  void send_raw_bytes(std::string_view bytes);
  /// Each `record` bytes as a TLS record of its own.
  void send_records(std::string_view bytes, std::size_t record);
  /// Sends these bytes, behind them some that are not TLS's as they stand, and TCP's end, so that
  /// the client can only see all of it at once.
  void send_and_break_off(std::string_view bytes, std::string_view not_tls);

  void ping(std::string_view payload = "");
  std::string expect_pong();
  /// Waits for a ping of the client's own and leaves it unanswered.
  std::string expect_ping();
  void pong(std::string_view payload);

  /// Starts the closing handshake and finishes it.
  void close(std::uint16_t code, std::string_view reason = "");
  /// Starts the closing handshake, and leaves it to the client to end TCP.
  void close_and_hold(std::uint16_t code, std::string_view reason = "");
  /// Reads until the client's close frame and answers it.
  CloseFrame expect_close();
  /// Reads until the client's close frame and lets the client wait for an answer.
  CloseFrame expect_close_unanswered();
  /// Reads until the client ends the connection, with a close frame or without; a silent server:
  /// pings stay unanswered.
  void expect_end();
  /// Waits for the client to end TLS by its close_notify; throws where it just ends.
  void expect_tls_end();
  /// Sends these bytes slowly, over and over, until the client ends the connection.
  void drip(std::string_view bytes);
  /// Ends the TCP connection without a close frame, and without TLS's close_notify.
  void drop();
  /// Ends the connection as TLS wants it, without a close frame.
  void hang_up();
  /// Resets the TCP connection.
  void reset();

 private:
  HttpRequest request_;
  std::shared_ptr<TlsConnection> connection_;
};

/// A stream that is open: what the client asked on its way, and the socket.
struct Session {
  WebSocket socket;
  nlohmann::json subscription;
};

struct PeerOptions {
  std::vector<std::string> dns_names{"localhost"};
  std::vector<std::string> addresses{"127.0.0.1"};
  int max_tls_version = 0;  ///< OpenSSL's number; 0: the newest
  Flaw flaw = Flaw::none;
  std::string ciphers = "DEFAULT:@SECLEVEL=0";  ///< of TLS 1.2 and older
  bool wants_client_certificate = false;
  bool refuses_client_certificate = false;  ///< whichever it is shown
  std::string listen_on = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
};

/// A scripted TLS server on a loopback port, driven step by step by the test's own thread.
class Peer {
 public:
  explicit Peer(const PeerOptions& options = {});
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  std::uint16_t port() const;
  std::string ca_file() const;
  /// Of a peer with Flaw::renewed_authority.
  std::string expired_ca_file() const;
  /// Files with a certificate and a key for the client's own use, issued by this peer's authority.
  std::pair<std::string, std::string> client_certificate() const;

  /// The next connection that is expected is this one, which a proxy led here.
  void take_over(RawConnection tunnel);
  /// Accepts the next connection and reads one request.
  [[nodiscard]] HttpRequest expect_http();
  /// Accepts the next connection, and no more.
  [[nodiscard]] RawConnection expect_connection();
  /// Accepts a connection whose handshake fails and returns why.
  std::string expect_failed_handshake();
  /// Waits for the token request and grants it.
  HttpRequest serve_token(std::string_view token = "token-1", int expires_in = 3600);
  [[nodiscard]] WebSocket expect_upgrade();
  /// Upgrade and subscription: what comes when a token is at hand.
  [[nodiscard]] Session reopen_stream();
  /// Token, upgrade and subscription.
  [[nodiscard]] Session open_stream(std::string_view token = "token-1");

 private:
  int accept_socket();

  struct State;
  std::unique_ptr<State> state_;
};

std::string percent_decode(std::string_view text);
/// A request's first line and headers, their names in lower case.
void parse_head(std::string_view head, std::string& method, std::string& target, Headers& headers);

}  // namespace gcstreamd::testing
