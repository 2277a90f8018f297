#include "json_unescape.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace gcstreamd {
namespace {

constexpr std::size_t kUnit = 4;  // hexadecimal digits of one UTF-16 unit

bool is_high(char32_t unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}

bool is_low(char32_t unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

/// The unit behind a `\u` that was taken.
std::optional<char32_t> take_unit(std::string_view& rest) {
  std::uint32_t unit = 0;
  if (rest.size() < kUnit)
    return std::nullopt;
  const char* end = rest.data() + kUnit;
  if (std::from_chars(rest.data(), end, unit, 16).ptr != end)
    return std::nullopt;
  rest.remove_prefix(kUnit);
  return unit;
}

void append_utf8(std::string& out, char32_t c) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((c >> shift) & 0x3fU));
  };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0U | (c >> 6U));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0U | (c >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0U | (c >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool take_character(std::string_view& rest, std::string& out) {
  auto c = take_unit(rest);
  if (!c)
    return false;
  if (is_high(*c) && rest.starts_with("\\u")) {
    std::string_view behind = rest.substr(2);
    const auto low = take_unit(behind);
    if (low && is_low(*low)) {
      c = 0x10000 + ((*c - 0xd800) << 10U) + (*low - 0xdc00);
      rest = behind;
    }
  }
  append_utf8(out, *c);
  return true;
}

/// What stands behind a backslash.
bool take_escape(std::string_view& rest, std::string& out) {
  constexpr std::string_view kLetters = "\"\\/bfnrtu";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const auto letter = rest.empty() ? std::string_view::npos : kLetters.find(rest.front());
  if (letter == std::string_view::npos)
    return false;
  rest.remove_prefix(1);
  if (letter == kMeanings.size())
    return take_character(rest, out);
  out += kMeanings[letter];
  return true;
}

}  // namespace

bool unescape_json(std::string_view string, std::string& out) {
  out.clear();
  while (!string.empty()) {
    const auto plain = std::min(string.find('\\'), string.size());
    out += string.substr(0, plain);
    string.remove_prefix(plain);
    if (string.empty())
      break;
    string.remove_prefix(1);
    if (!take_escape(string, out))
      return false;
  }
  return true;
}

}  // namespace gcstreamd
