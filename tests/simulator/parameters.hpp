// Ways to write a step's parameters into the table. Pure; for step_table.cpp alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "simulator/step_table.hpp"

namespace gcstream_sim::parameters {

using Type = ParameterType;

constexpr std::uint64_t kMostEvents = 100'000;
constexpr std::uint64_t kMostBytes = 64 * 1024 * 1024;
constexpr std::uint64_t kHighestNumber = (std::uint64_t{1} << 53) - 1;

constexpr Parameter number(std::string_view name, std::uint64_t low, std::uint64_t high,
                           std::string_view or_words = {}) {
  return {Type::number, name, false, low, high, 0, or_words};
}

constexpr Parameter with_default(Parameter parameter, std::uint64_t value) {
  parameter.optional = true;
  parameter.fallback = value;
  return parameter;
}

constexpr Parameter optional(Parameter parameter) {
  return with_default(parameter, 0);
}

constexpr Parameter events() {
  return with_default(number("N", 1, kMostEvents), 1);
}
constexpr Parameter status() {
  return number("STATUS", 300, 599);
}
constexpr Parameter close_code() {
  return number("CODE", 0, 65535);
}
constexpr Parameter seconds() {
  return {Type::seconds, "SECONDS", false, 0, 86'400, 0, {}};
}
constexpr Parameter word(std::string_view words) {
  return {Type::word, words, false, 0, 0, 0, words};
}
// Any one word.
constexpr Parameter name(std::string_view name) {
  return {Type::name, name, false, 0, 0, 0, {}};
}
constexpr Parameter text(std::string_view name) {
  return {Type::text, name, true, 0, 0, 0, {}};
}
constexpr Parameter required(Parameter parameter) {
  parameter.optional = false;
  return parameter;
}
constexpr Parameter retry_after() {
  return {Type::retry_after, "WHEN", true, 0, 86'400, 0, {}};
}

}  // namespace gcstream_sim::parameters
