// RFC 6455's frames: what a server writes, broken ones too, and what a client sends.
//
// Ownership: values; no I/O. For one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gcstream_sim {

enum class Opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

struct FrameHead {
  Opcode opcode = Opcode::text;
  bool last = true;           // FIN
  std::uint8_t reserved = 0;  // RSV1 to RSV3 as 4, 2, 1
};

// The head of an unmasked frame of `size` bytes.
std::string frame_head(const FrameHead& head, std::uint64_t size);
std::string frame(const FrameHead& head, std::string_view payload);
// The server must not mask; the key is zero, so that the bytes are the payload's own.
std::string masked_frame(Opcode opcode, std::string_view payload);
std::string close_payload(std::uint16_t code, std::string_view reason);

struct ClientMessage {
  Opcode opcode = Opcode::text;  // of a whole message, or of a control frame
  std::string payload;
};

// Takes bytes as they come, gives whole messages. After a fault it gives no more.
class FrameReader {
 public:
  explicit FrameReader(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  void add(std::string_view bytes) { input_.append(bytes); }
  std::optional<ClientMessage> next();
  // Bytes that are kept because no message is whole yet.
  std::size_t kept() const { return input_.size() + message_.payload.size(); }
  // What the client did wrong, fit for a close reason.
  const std::string& fault() const { return fault_; }

 private:
  struct Head;
  std::optional<Head> read_head() const;
  std::string take_payload(const Head& head);
  bool is_wrong(const Head& head);
  std::optional<ClientMessage> on_frame(const Head& head, std::string payload);

  std::size_t most_bytes_;
  std::string input_;
  bool in_message_ = false;
  ClientMessage message_;  // fragments so far
  std::string fault_;
};

}  // namespace gcstream_sim
