#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gcstreamd::testing {

class TlsConnection;

enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

/// One WebSocket frame (RFC 6455, section 5), without a library's help: the tests must be able to
/// send what no library sends.
struct Frame {
  bool last = true;
  Opcode opcode = Opcode::text;
  std::string payload;
};

/// A frame as servers send it: not masked.
std::string encode(const Frame& frame);
/// The next frame of a client; throws where it is not masked, as clients must.
Frame read_frame(TlsConnection& connection, std::string_view awaited);
/// What `Sec-WebSocket-Accept` answers to a key.
std::string accept_key(std::string_view key);
std::string close_payload(std::uint16_t code, std::string_view reason);

}  // namespace gcstreamd::testing
