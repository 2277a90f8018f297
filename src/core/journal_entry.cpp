#include "gcstreamd/core/journal_entry.hpp"

#include <cstdint>

namespace gcstreamd {
namespace {

std::string little_endian(std::uint64_t number) {
  constexpr unsigned kByte = 8;
  std::string bytes;
  for (unsigned i = 0; i < sizeof number; ++i)
    bytes += static_cast<char>(number >> (i * kByte) & 0xFFU);
  return bytes;
}

}  // namespace

JournalEntry& JournalEntry::field(std::string_view name, std::string_view value) {
  if (value.empty())
    return *this;
  bytes_ += name;
  if (value.find('\n') == std::string_view::npos)
    bytes_ += '=';
  else
    bytes_ += '\n' + little_endian(value.size());
  bytes_ += value;
  bytes_ += '\n';
  return *this;
}

}  // namespace gcstreamd
