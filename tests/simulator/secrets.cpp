#include "simulator/secrets.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <iterator>
#include <stdexcept>
#include <vector>

namespace gcstream_sim {

std::string random_hex(std::size_t bytes) {
  std::vector<unsigned char> raw(bytes);
  if (RAND_bytes(raw.data(), static_cast<int>(raw.size())) != 1) {
    throw std::runtime_error("no random bytes");
  }
  std::string text;
  for (const unsigned char byte : raw) {
    fmt::format_to(std::back_inserter(text), "{:02x}", byte);
  }
  return text;
}

}  // namespace gcstream_sim
