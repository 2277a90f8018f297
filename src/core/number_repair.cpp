#include "gcstreamd/core/number_repair.hpp"

namespace gcstreamd {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool in_number(char c) {
  return is_digit(c) || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E';
}

std::size_t digits(std::string_view& text) {
  std::size_t count = 0;
  for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1))
    ++count;
  return count;
}

bool skip(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text[0]) == std::string_view::npos)
    return false;
  text.remove_prefix(1);
  return true;
}

/// RFC 8259, section 6: [ minus ] int [ frac ] [ exp ]
bool is_number(std::string_view text) {
  skip(text, "-");
  const bool zero = text.starts_with('0');
  const std::size_t whole = digits(text);
  if (whole == 0 || (zero && whole > 1))
    return false;
  if (skip(text, ".") && digits(text) == 0)
    return false;
  if (skip(text, "eE")) {
    skip(text, "+-");
    if (digits(text) == 0)
      return false;
  }
  return text.empty();
}

/// Up to 18 characters without an exponent fit every parser, and every valid event number has
/// fewer; longer ones need no exact value here.
bool is_narrow(std::string_view number) {
  constexpr std::size_t kAlwaysFits = 18;
  return number.size() <= kAlwaysFits && number.find_first_of("eE") == std::string_view::npos;
}

std::size_t string_end(std::string_view text, std::size_t start) {
  std::size_t i = start + 1;
  while (i < text.size() && text[i] != '"')
    i += text[i] == '\\' ? 2U : 1U;
  return i < text.size() ? i + 1 : text.size();
}

}  // namespace

bool replace_wide_numbers(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    if (text[i] == '"') {
      end = string_end(text, i);
      out += text.substr(i, end - i);
    } else if (is_digit(text[i]) || text[i] == '-') {
      while (end < text.size() && in_number(text[end]))
        ++end;
      const auto number = text.substr(i, end - i);
      if (!is_number(number))
        return false;
      out += is_narrow(number) ? number : std::string_view("0");
    } else {
      out += text[i];
    }
    i = end;
  }
  return true;
}

}  // namespace gcstreamd
