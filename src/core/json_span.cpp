#include "gcstreamd/core/json_span.hpp"

namespace gcstreamd {
namespace {

/// Behind the string that begins at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at)
    if (text[at] == '\\')
      ++at;
  return at + 1;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at]))
    ++at;
  return at;
}

/// Behind the value that begins at `at`.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  for (int depth = 0; at < text.size();) {
    const char c = text[at];
    const bool closes = c == '}' || c == ']';
    if (depth == 0 && (closes || c == ',' || is_space(c)))
      return at;
    depth += c == '{' || c == '[' ? 1 : 0;
    depth -= closes ? 1 : 0;
    at = c == '"' ? end_of_string(text, at) : at + 1;
    if (depth == 0 && (closes || c == '"'))
      return at;
  }
  return text.size();
}

}  // namespace

std::string_view member_text(std::string_view object, std::string_view key) {
  std::size_t at = object.find('{');
  while (at < object.size() && object[at] != '}') {
    const std::size_t name = skip_space(object, at + 1);
    if (name >= object.size() || object[name] != '"')
      break;
    const std::size_t colon = skip_space(object, end_of_string(object, name));
    const std::size_t value = skip_space(object, colon + 1);
    const std::size_t end = end_of_value(object, value);
    if (object.substr(name + 1, key.size()) == key && object[name + 1 + key.size()] == '"')
      return object.substr(value, end - value);
    at = skip_space(object, end);
  }
  return {};
}

std::vector<std::string_view> element_texts(std::string_view array) {
  std::vector<std::string_view> elements;
  std::size_t at = skip_space(array, 0);
  if (at >= array.size() || array[at] != '[')
    return elements;
  while (at < array.size() && array[at] != ']') {
    const std::size_t begin = skip_space(array, at + 1);
    const std::size_t end = end_of_value(array, begin);
    if (end > begin)
      elements.push_back(array.substr(begin, end - begin));
    at = skip_space(array, end);
  }
  return elements;
}

}  // namespace gcstreamd
