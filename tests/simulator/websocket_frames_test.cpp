#include "simulator/websocket_frames.hpp"

#include <gtest/gtest.h>

#include "simulator/wire.hpp"

namespace gcstream_sim {
namespace {

// RFC 6455, section 5.7: "Hello", masked.
constexpr std::string_view kHello = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";

std::string wire(Shape shape, std::string_view text, std::uint64_t fragments = 1) {
  return wire_of(text, {shape, fragments, {}});
}

TEST(Frames, have_the_three_lengths) {
  EXPECT_EQ(frame({}, "Hello"), "\x81\x05Hello");
  EXPECT_EQ(frame_head({}, 126), std::string("\x81\x7e\x00\x7e", 4));
  EXPECT_EQ(frame_head({.opcode = Opcode::binary}, 65536),
            std::string("\x82\x7f\0\0\0\0\0\x01\0\0", 10));
}

TEST(FrameReader, reads_a_masked_message_byte_by_byte) {
  FrameReader reader(100);
  for (const char byte : kHello.substr(0, kHello.size() - 1)) {
    reader.add({&byte, 1});
    EXPECT_FALSE(reader.next());
  }
  reader.add(kHello.substr(kHello.size() - 1));
  const auto message = reader.next();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->payload, "Hello");
  EXPECT_EQ(message->opcode, Opcode::text);
  EXPECT_EQ(reader.kept(), 0U);
}

TEST(FrameReader, joins_fragments_around_a_ping) {
  FrameReader reader(100);
  std::string first = masked_frame(Opcode::text, "Hel");
  first[0] = '\x01';
  reader.add(first + masked_frame(Opcode::ping, "?") + masked_frame(Opcode::continuation, "lo"));
  EXPECT_EQ(reader.next()->opcode, Opcode::ping);
  EXPECT_EQ(reader.next()->payload, "Hello");
  EXPECT_EQ(reader.fault(), "");
}

TEST(FrameReader, tells_what_a_client_must_not_do) {
  const auto fault_of = [](std::string bytes) {
    FrameReader reader(10);
    reader.add(bytes);
    EXPECT_FALSE(reader.next());
    return reader.fault();
  };
  EXPECT_EQ(fault_of(frame({}, "Hello")), "an unmasked frame");
  EXPECT_EQ(fault_of(masked_frame(static_cast<Opcode>(3), "")), "a reserved bit or opcode");
  EXPECT_EQ(fault_of(masked_frame(Opcode::text, "12345678901")), "a message too large");
  EXPECT_EQ(fault_of(masked_frame(Opcode::continuation, "x")), "a fragment out of order");
}

TEST(Wire, breaks_what_it_is_told_to_break) {
  const std::string text = R"({"a":"b"})";
  EXPECT_EQ(wire(Shape::text, text), "\x81\x09" + text);
  EXPECT_EQ(wire(Shape::binary, text), "\x82\x09" + text);
  EXPECT_EQ(wire(Shape::reserved_bit, text), "\xc1\x09" + text);
  EXPECT_EQ(wire(Shape::reserved_opcode, text), "\x83\x09" + text);
  EXPECT_EQ(wire(Shape::bad_utf8, text), "\x81\x09{\"a\":\"\xc3\"}");
  EXPECT_EQ(wire(Shape::bad_json, text), "\x81\x04{\"a\"");
  EXPECT_EQ(wire(Shape::masked, text), std::string("\x81\x89\0\0\0\0", 6) + text);
}

TEST(Wire, fragments_hold_the_whole_message) {
  EXPECT_EQ(wire(Shape::fragments, "abcdefg", 3),
            std::string("\x01\x02") + "ab" + std::string("\0\x02", 2) + "cd" + "\x80\x03" + "efg");
}

}  // namespace
}  // namespace gcstream_sim
