// A blocking client for tests of the simulator: TLS, one HTTP exchange at a time, raw frames.
//
// Ownership: owns its socket. Every read has a deadline; nothing throws but the constructor.
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/websocket_frames.hpp"

namespace gcstream_sim {

struct ServerFrame {
  FrameHead head;
  bool masked = false;
  std::string payload;
};

struct Answer {
  unsigned status = 0;  // 0: none came
  std::string head;
  std::string body;
};

// How a connection ended, as far as the client can tell.
enum class Ending { none, timeout, close_notify, eof, reset };

class TestClient {
 public:
  // Connects by TCP and shakes hands, as a client that trusts `ca_pem` and wants "localhost".
  TestClient(std::uint16_t port, const std::string& ca_pem);

  // Empty when TLS is up.
  const std::string& handshake_error() const { return handshake_error_; }

  Answer ask(std::string_view request);
  // As the owner of the credentials that `TestServer` has.
  Answer ask_token();
  Answer ask_upgrade(const std::string& token);
  void subscribe(std::optional<std::uint64_t> after);

  void send_frame(Opcode opcode, std::string_view payload);
  // Says goodbye to TLS.
  void leave();
  // Nothing: see ending().
  std::optional<ServerFrame> frame();
  // The next frame's sequenceNumber; nothing: it has none.
  std::optional<std::uint64_t> number();
  Ending ending() const { return ending_; }

 private:
  bool read_more();
  void write(std::string_view bytes);

  std::shared_ptr<int> socket_;
  std::shared_ptr<SSL_CTX> context_;
  std::shared_ptr<SSL> tls_;
  std::string handshake_error_;
  std::string input_;
  Ending ending_ = Ending::none;
};

}  // namespace gcstream_sim
