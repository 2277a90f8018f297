#include "support/frames.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

#include "support/tls_connection.hpp"

namespace gcstreamd::testing {
namespace {

void append_big_endian(std::string& bytes, std::uint64_t number, int size) {
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((number >> shift) & 0xFF);
  }
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) {
    number = number << 8 | static_cast<unsigned char>(byte);
  }
  return number;
}

std::size_t read_length(TlsConnection& connection, unsigned length, std::string_view awaited) {
  if (length < 126) {
    return length;
  }
  return big_endian(connection.read_exactly(length == 126 ? 2 : 8, awaited));
}

}  // namespace

std::string encode(const Frame& frame) {
  std::string bytes;
  bytes += static_cast<char>((frame.last ? 0x80 : 0) | static_cast<int>(frame.opcode));
  const std::size_t size = frame.payload.size();
  if (size < 126) {
    append_big_endian(bytes, size, 1);
  } else if (size <= 0xFFFF) {
    append_big_endian(bytes, 126, 1);
    append_big_endian(bytes, size, 2);
  } else {
    append_big_endian(bytes, 127, 1);
    append_big_endian(bytes, size, 8);
  }
  return bytes + frame.payload;
}

Frame read_frame(TlsConnection& connection, std::string_view awaited) {
  const std::string head = connection.read_exactly(2, awaited);
  const auto first = static_cast<unsigned char>(head[0]);
  const auto second = static_cast<unsigned char>(head[1]);
  if ((second & 0x80) == 0) {
    throw std::runtime_error("the client sent a frame without a mask");
  }
  const std::size_t size = read_length(connection, second & 0x7F, awaited);
  const std::string mask = connection.read_exactly(4, awaited);
  Frame frame{(first & 0x80) != 0, static_cast<Opcode>(first & 0x0F),
              connection.read_exactly(size, awaited)};
  for (std::size_t i = 0; i < size; ++i) {
    frame.payload[i] = static_cast<char>(frame.payload[i] ^ mask[i % 4]);
  }
  return frame;
}

std::string accept_key(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 64> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return {encoded.begin(), encoded.begin() + length};
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string payload;
  append_big_endian(payload, code, 2);
  return payload += reason;
}

}  // namespace gcstreamd::testing
