#include <stdexcept>

#include "support/deadline.hpp"
#include "support/frames.hpp"
#include "support/peer.hpp"
#include "support/tls_connection.hpp"

namespace gcstreamd::testing {
namespace {

enum class Pings { answered, ignored };

/// Reads frames until one is of the wanted kind and passes over the others.
Frame read_until(TlsConnection& connection, Opcode wanted, std::string_view awaited,
                 Pings pings = Pings::answered) {
  for (const Deadline deadline; !deadline.passed();) {
    Frame frame = read_frame(connection, awaited);
    if (frame.opcode == wanted) {
      return frame;
    }
    if (frame.opcode == Opcode::close) {
      throw ConnectionEnded("the client closed; awaited was " + std::string(awaited));
    }
    if (frame.opcode == Opcode::ping && pings == Pings::answered) {
      connection.write(encode({true, Opcode::pong, frame.payload}));
    }
  }
  throw std::runtime_error("waited in vain for " + std::string(awaited));
}

CloseFrame parse_close(const std::string& payload) {
  if (payload.size() < 2) {
    return {1005, ""};
  }
  const auto high = static_cast<unsigned char>(payload[0]);
  const auto low = static_cast<unsigned char>(payload[1]);
  return {static_cast<std::uint16_t>(high << 8 | low), payload.substr(2)};
}

}  // namespace

std::string WebSocket::read_text() {
  Frame frame = read_until(*connection_, Opcode::text, "a text message");
  std::string message = frame.payload;
  while (!frame.last) {
    frame = read_until(*connection_, Opcode::continuation, "the rest of a text message");
    message += frame.payload;
  }
  return message;
}

nlohmann::json WebSocket::read_json() {
  return nlohmann::json::parse(read_text());
}

void WebSocket::send(std::string_view text) {
  connection_->write(encode({true, Opcode::text, std::string(text)}));
}

void WebSocket::send_binary(std::string_view bytes) {
  connection_->write(encode({true, Opcode::binary, std::string(bytes)}));
}

void WebSocket::send_fragmented(const std::vector<std::string>& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto opcode = i == 0 ? Opcode::text : Opcode::continuation;
    connection_->write(encode({i + 1 == parts.size(), opcode, parts[i]}));
  }
}

void WebSocket::send_raw_bytes(std::string_view bytes) {
  connection_->write(bytes);
}

void WebSocket::send_records(std::string_view bytes, std::size_t record) {
  connection_->write_records(bytes, record);
}

void WebSocket::send_and_break_off(std::string_view bytes, std::string_view not_tls) {
  connection_->break_off(bytes, not_tls);
}

void WebSocket::ping(std::string_view payload) {
  connection_->write(encode({true, Opcode::ping, std::string(payload)}));
}

std::string WebSocket::expect_pong() {
  return read_until(*connection_, Opcode::pong, "a pong").payload;
}

std::string WebSocket::expect_ping() {
  return read_until(*connection_, Opcode::ping, "a ping").payload;
}

void WebSocket::pong(std::string_view payload) {
  connection_->write(encode({true, Opcode::pong, std::string(payload)}));
}

void WebSocket::close(std::uint16_t code, std::string_view reason) {
  connection_->write(encode({true, Opcode::close, close_payload(code, reason)}));
  read_until(*connection_, Opcode::close, "the answer to the close frame");
  connection_->close();
}

void WebSocket::close_and_hold(std::uint16_t code, std::string_view reason) {
  connection_->write(encode({true, Opcode::close, close_payload(code, reason)}));
  read_until(*connection_, Opcode::close, "the answer to the close frame");
  connection_->await_end();
}

CloseFrame WebSocket::expect_close() {
  const CloseFrame frame = expect_close_unanswered();
  connection_->write(encode({true, Opcode::close, close_payload(frame.code, "")}));
  connection_->close();
  return frame;
}

CloseFrame WebSocket::expect_close_unanswered() {
  return parse_close(read_until(*connection_, Opcode::close, "the client's close frame").payload);
}

void WebSocket::expect_end() {
  try {
    read_until(*connection_, Opcode::close, "the end of the connection", Pings::ignored);
  } catch (const ConnectionEnded&) {
  }
  connection_->drop();
}

void WebSocket::expect_tls_end() {
  connection_->await_close_notify();
}

void WebSocket::drip(std::string_view bytes) {
  connection_->drip(bytes);
}

void WebSocket::hang_up() {
  connection_->close();
}

void WebSocket::reset() {
  connection_->reset();
}

void WebSocket::drop() {
  connection_->drop();
}

}  // namespace gcstreamd::testing
