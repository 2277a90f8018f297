#include "simulator/websocket_frames.hpp"

#include <array>
#include <utility>

namespace gcstream_sim {
namespace {

constexpr std::size_t kMaskSize = 4;
constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint64_t kLargestControl = 125;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

void put_number(std::string& bytes, std::uint64_t number, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(number >> shift & 0xff));
  }
}

bool is_control(Opcode opcode) {
  return static_cast<unsigned>(opcode) >= 8;
}

bool is_known(Opcode opcode) {
  switch (opcode) {
    case Opcode::continuation:
    case Opcode::text:
    case Opcode::binary:
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong:
      return true;
  }
  return false;
}

}  // namespace

std::string frame_head(const FrameHead& head, std::uint64_t size) {
  std::string bytes;
  bytes.push_back(static_cast<char>((head.last ? kFin : 0) | head.reserved << 4 |
                                    static_cast<unsigned>(head.opcode)));
  if (size < 126) {
    put_number(bytes, size, 1);
  } else if (size <= 0xffff) {
    bytes.push_back(126);
    put_number(bytes, size, 2);
  } else {
    bytes.push_back(127);
    put_number(bytes, size, 8);
  }
  return bytes;
}

std::string frame(const FrameHead& head, std::string_view payload) {
  std::string bytes = frame_head(head, payload.size());
  bytes.append(payload);
  return bytes;
}

std::string masked_frame(Opcode opcode, std::string_view payload) {
  std::string bytes = frame_head({.opcode = opcode}, payload.size());
  bytes[1] = static_cast<char>(static_cast<unsigned char>(bytes[1]) | kMasked);
  bytes.append(kMaskSize, '\0').append(payload);
  return bytes;
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string payload;
  put_number(payload, code, 2);
  payload.append(reason.substr(0, kLargestControl - 2));
  return payload;
}

struct FrameReader::Head {
  FrameHead frame;
  bool masked = false;
  std::uint64_t payload_size = 0;
  std::size_t size = 0;  // of the head itself, mask included
};

std::optional<FrameReader::Head> FrameReader::read_head() const {
  if (input_.size() < 2) {
    return std::nullopt;
  }
  const std::uint8_t first = byte_at(input_, 0);
  const std::uint8_t second = byte_at(input_, 1);
  Head head;
  head.frame = {static_cast<Opcode>(first & 0x0f), (first & kFin) != 0,
                static_cast<std::uint8_t>(first >> 4 & 7)};
  head.masked = (second & kMasked) != 0;
  head.payload_size = second & 0x7f;
  const std::size_t extended = head.payload_size == 126 ? 2 : head.payload_size == 127 ? 8 : 0;
  head.size = 2 + extended + (head.masked ? kMaskSize : 0);
  if (input_.size() < head.size) {
    return std::nullopt;
  }
  if (extended != 0) {
    head.payload_size = 0;
    for (std::size_t i = 0; i < extended; ++i) {
      head.payload_size = head.payload_size << 8 | byte_at(input_, 2 + i);
    }
  }
  return head;
}

bool FrameReader::is_wrong(const Head& head) {
  const Opcode opcode = head.frame.opcode;
  if (head.frame.reserved != 0 || !is_known(opcode)) {
    fault_ = "a reserved bit or opcode";
  } else if (!head.masked) {
    fault_ = "an unmasked frame";
  } else if (is_control(opcode) && (!head.frame.last || head.payload_size > kLargestControl)) {
    fault_ = "a control frame in fragments or over 125 bytes";
  } else if (!is_control(opcode) && (opcode == Opcode::continuation) != in_message_) {
    fault_ = "a fragment out of order";
  } else if (head.payload_size > most_bytes_ ||
             head.payload_size + message_.payload.size() > most_bytes_) {
    fault_ = "a message too large";
  }
  return !fault_.empty();
}

std::string FrameReader::take_payload(const Head& head) {
  const auto size = static_cast<std::size_t>(head.payload_size);
  std::string payload = input_.substr(head.size, size);
  for (std::size_t i = 0; i < size; ++i) {
    const char mask = input_[head.size - kMaskSize + i % kMaskSize];
    payload[i] = static_cast<char>(payload[i] ^ mask);
  }
  input_.erase(0, head.size + size);
  return payload;
}

std::optional<ClientMessage> FrameReader::on_frame(const Head& head, std::string payload) {
  if (is_control(head.frame.opcode)) {
    return ClientMessage{head.frame.opcode, std::move(payload)};
  }
  if (!in_message_) {
    message_ = {head.frame.opcode, {}};
  }
  message_.payload.append(payload);
  in_message_ = !head.frame.last;
  return in_message_ ? std::nullopt : std::optional(std::exchange(message_, {}));
}

std::optional<ClientMessage> FrameReader::next() {
  while (fault_.empty()) {
    const auto head = read_head();
    if (!head || is_wrong(*head) || input_.size() - head->size < head->payload_size) {
      return std::nullopt;
    }
    if (auto message = on_frame(*head, take_payload(*head))) {
      return message;
    }
  }
  return std::nullopt;
}

}  // namespace gcstream_sim
