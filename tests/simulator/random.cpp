#include "simulator/random.hpp"

#include <fmt/format.h>

namespace gcstream_sim {

std::string Random::uuid() {
  const std::uint64_t high = bits();
  const std::uint64_t low = bits();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff,
                     high & 0xfff, 0x8000 | (low >> 50), low & 0xffff'ffff'ffff);
}

std::string Random::phone_number() {
  static constexpr std::array<std::string_view, 8> kPrefixes{"+1317555", "+4930901", "+3314005",
                                                             "+8133575", "+5511402", "+6129001",
                                                             "+3491276", "+4420794"};
  return fmt::format("{}{:04}", pick(kPrefixes), below(10000));
}

}  // namespace gcstream_sim
