#include "simulator/wire.hpp"

#include <algorithm>

#include "simulator/websocket_frames.hpp"

namespace gcstream_sim {
namespace {

std::string in_fragments(std::string_view message, std::uint64_t fragments) {
  const std::size_t piece = message.size() / static_cast<std::size_t>(fragments);
  std::string bytes;
  for (std::uint64_t i = 0; i < fragments; ++i) {
    const bool last = i + 1 == fragments;
    FrameHead head;
    head.opcode = i == 0 ? Opcode::text : Opcode::continuation;
    head.last = last;
    bytes.append(frame(head, message.substr(0, last ? message.size() : piece)));
    message.remove_prefix(last ? message.size() : piece);
  }
  return bytes;
}

// The last byte of a two-byte character is missing before the closing brace.
std::string with_bad_utf8(std::string_view message) {
  std::string bad(message);
  if (bad.size() > 2) {
    bad[bad.size() - 3] = '\xc3';
  }
  return bad;
}

}  // namespace

std::string wire_of(std::string_view message, const Look& look) {
  switch (look.shape) {
    case Shape::text:
    case Shape::drip:
      break;
    case Shape::binary:
      return frame({.opcode = Opcode::binary}, message);
    case Shape::fragments:
      return in_fragments(message, look.fragments);
    case Shape::bad_utf8:
      return frame({}, with_bad_utf8(message));
    case Shape::bad_json:
      return frame({}, message.substr(0, message.size() / 2));
    case Shape::reserved_bit:
      return frame({.reserved = 4}, message);
    case Shape::reserved_opcode:
      return frame({.opcode = static_cast<Opcode>(3)}, message);
    case Shape::masked:
      return masked_frame(Opcode::text, message);
  }
  return frame({}, message);
}

}  // namespace gcstream_sim
