#include "simulator/step_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <vector>

#include "simulator/step_table.hpp"

namespace gcstream_sim {
namespace {

using Words = std::vector<std::string_view>;

constexpr std::string_view kSpace = " \t\r";
constexpr std::size_t kLongestShown = 60;

// Up to a # that begins a word.
Words words_of(std::string_view line) {
  Words words;
  while (true) {
    const std::size_t start = line.find_first_not_of(kSpace);
    if (start == std::string_view::npos || line[start] == '#') {
      return words;
    }
    line.remove_prefix(start);
    const std::size_t size = std::min(line.find_first_of(kSpace), line.size());
    words.push_back(line.substr(0, size));
    line.remove_prefix(size);
  }
}

// For a message: short, and without bytes that a terminal would obey.
std::string quoted(std::string_view text) {
  std::string shown(text.substr(0, kLongestShown));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return "\"" + shown + "\"";
}

template <typename Value>
std::optional<Value> value_of(std::string_view text) {
  Value value{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end ? std::optional(value) : std::nullopt;
}

std::optional<std::uint64_t> number_of(std::string_view text, const Parameter& parameter) {
  const auto value = value_of<std::uint64_t>(text);
  return value && *value >= parameter.low && *value <= parameter.high ? value : std::nullopt;
}

bool is_one_of(std::string_view word, std::string_view words) {
  while (!words.empty()) {
    const std::size_t size = std::min(words.find('|'), words.size());
    if (words.substr(0, size) == word) {
      return true;
    }
    words.remove_prefix(std::min(size + 1, words.size()));
  }
  return false;
}

std::string allowed(const Parameter& parameter) {
  switch (parameter.type) {
    case ParameterType::number:
      return fmt::format("an integer from {} to {}{}{}", parameter.low, parameter.high,
                         parameter.words.empty() ? "" : ", or ", parameter.words);
    case ParameterType::seconds:
      return fmt::format("seconds from 0 to {}, 0.5 is allowed", parameter.high);
    case ParameterType::word:
      return fmt::format("one of {}", parameter.words);
    case ParameterType::retry_after:
      return fmt::format("\"retry-after\" with seconds from 0 to {}, or date+SECONDS",
                         parameter.high);
    case ParameterType::none:
    case ParameterType::name:
    case ParameterType::url:
    case ParameterType::text:
      break;
  }
  return std::string(parameter.name);
}

// Takes one parameter's words from the front of the rest; false: they are not what is allowed.
class ParameterReader {
 public:
  ParameterReader(Step& step, std::span<const std::string_view> rest) : step_(step), rest_(rest) {}

  std::span<const std::string_view> rest() const { return rest_; }
  bool read(const Parameter& parameter);

 private:
  bool read_word(const Parameter& parameter, std::string_view word);
  bool read_number(const Parameter& parameter, std::string_view word);
  bool read_seconds(const Parameter& parameter, std::string_view word);
  bool read_retry_after(const Parameter& parameter);
  void read_text();

  Step& step_;
  std::span<const std::string_view> rest_;
};

bool ParameterReader::read(const Parameter& parameter) {
  if (rest_.empty()) {
    step_.number = parameter.type == ParameterType::number ? parameter.fallback : step_.number;
    return parameter.optional;
  }
  if (parameter.type == ParameterType::text) {
    read_text();
    return true;
  }
  if (parameter.type == ParameterType::retry_after) {
    return read_retry_after(parameter);
  }
  const std::string_view word = rest_.front();
  rest_ = rest_.subspan(1);
  return read_word(parameter, word);
}

bool ParameterReader::read_word(const Parameter& parameter, std::string_view word) {
  if (parameter.type == ParameterType::number) {
    return read_number(parameter, word);
  }
  if (parameter.type == ParameterType::seconds) {
    return read_seconds(parameter, word);
  }
  if (parameter.type == ParameterType::url) {
    step_.text = word;
    return true;
  }
  step_.word = word;
  return parameter.type == ParameterType::name || is_one_of(word, parameter.words);
}

bool ParameterReader::read_number(const Parameter& parameter, std::string_view word) {
  if (is_one_of(word, parameter.words)) {
    step_.word = word;
    return true;
  }
  const auto number = number_of(word, parameter);
  step_.number = number.value_or(0);
  return number.has_value();
}

bool ParameterReader::read_seconds(const Parameter& parameter, std::string_view word) {
  const auto value = value_of<double>(word);
  if (!value || !(*value >= 0) || *value > static_cast<double>(parameter.high)) {
    return false;
  }
  step_.time = std::chrono::milliseconds(std::llround(*value * 1000));
  return true;
}

bool ParameterReader::read_retry_after(const Parameter& parameter) {
  constexpr std::string_view kDate = "date+";
  if (rest_.size() < 2 || rest_.front() != "retry-after") {
    return false;
  }
  std::string_view word = rest_[1];
  rest_ = rest_.subspan(2);
  RetryAfter after;
  after.as_date = word.starts_with(kDate);
  const auto seconds = number_of(word.substr(after.as_date ? kDate.size() : 0), parameter);
  after.in = std::chrono::seconds(seconds.value_or(0));
  step_.retry_after = after;
  return seconds.has_value();
}

void ParameterReader::read_text() {
  step_.text = fmt::format("{}", fmt::join(rest_, " "));
  rest_ = {};
}

// The names that begin with the same word, as in "token ...".
std::string family_of(std::string_view first) {
  std::string names;
  for (const StepInfo& info : step_table()) {
    if (info.name.starts_with(first) && info.name.substr(first.size()).starts_with(' ')) {
      names.append(names.empty() ? "" : ", ").append(info.name.substr(first.size() + 1));
    }
  }
  return names;
}

StepError unknown_step(const Words& words) {
  const std::string family = family_of(words[0]);
  std::string name(words[0]);
  if (!family.empty() && words.size() > 1) {
    name.append(" ").append(words[1]);
  }
  std::string what = "unknown step " + quoted(name);
  what.append(family.empty() ? "; see --list-faults"
                             : fmt::format("; after \"{}\" comes one of: {}", words[0], family));
  const std::string_view nearest = nearest_step_name(name);
  if (!nearest.empty()) {
    what.append("; did you mean \"").append(nearest).append("\"?");
  }
  return {std::move(what)};
}

const StepInfo* find(const Words& words, std::size_t& name_size) {
  name_size = 2;
  if (words.size() > 1) {
    if (const StepInfo* info = step_named(fmt::format("{} {}", words[0], words[1]))) {
      return info;
    }
  }
  name_size = 1;
  return step_named(words[0]);
}

std::optional<std::string> read_parameters(const StepInfo& info, ParameterReader& reader) {
  for (const Parameter& parameter : info.parameters) {
    if (parameter.type == ParameterType::none) {
      break;
    }
    const bool missing = reader.rest().empty();
    const std::string given = missing ? "nothing" : quoted(reader.rest().front());
    if (!reader.read(parameter)) {
      return fmt::format("{} is not {}", given, allowed(parameter));
    }
  }
  return reader.rest().empty() ? std::nullopt
                               : std::optional(quoted(reader.rest().front()) + " is too much");
}

}  // namespace

std::variant<std::optional<Step>, StepError> read_step(std::string_view line) {
  const Words words = words_of(line);
  if (words.empty()) {
    return std::optional<Step>();
  }
  std::size_t name_size = 0;
  const StepInfo* info = find(words, name_size);
  if (info == nullptr) {
    return unknown_step(words);
  }
  Step step;
  step.kind = info->kind;
  ParameterReader reader(step, std::span(words).subspan(name_size));
  if (const auto wrong = read_parameters(*info, reader)) {
    return StepError{fmt::format("{}: {}; use: {}", info->name, *wrong, usage_of(*info))};
  }
  return std::optional(std::move(step));
}

}  // namespace gcstream_sim
