#include "simulator/form.hpp"

#include <charconv>

namespace gcstream_sim {
namespace {

std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '%' && text.size() - i > 2 &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      plain += static_cast<char>(byte);
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

}  // namespace

std::map<std::string, std::string> read_form(std::string_view text) {
  std::map<std::string, std::string> form;
  while (!text.empty()) {
    const std::string_view field = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    const std::size_t equals = std::min(field.find('='), field.size());
    const std::size_t value = std::min(equals + 1, field.size());
    form.emplace(unescape(field.substr(0, equals)), unescape(field.substr(value)));
  }
  return form;
}

}  // namespace gcstream_sim
