// Every step that a script can hold: the one source of the parser, of --list-faults and of the
// place where a step happens. Constants and pure functions.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "simulator/protocol.hpp"
#include "simulator/step.hpp"

namespace gcstream_sim {

enum class ParameterType { none, number, seconds, word, name, url, text, retry_after };

struct Parameter {
  ParameterType type = ParameterType::none;
  std::string_view name;
  bool optional = false;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint64_t fallback = 0;  // of a number that is left out
  std::string_view words;      // separated by |: all a word may be, or may stand for a number
};

struct StepInfo {
  StepKind kind;
  Place place;
  std::string_view name;  // one word or two
  std::array<Parameter, 3> parameters;
  std::string_view explanation;
  std::string_view example;
  std::optional<Protocol> only{};  // both protocols have it
};

std::span<const StepInfo> step_table();
const StepInfo& info_of(StepKind kind);
// Whether a simulator of that protocol can play it.
bool is_step_of(StepKind kind, Protocol protocol);
inline Place place_of(const Step& step) {
  return info_of(step.kind).place;
}

// Null when no step has that name.
const StepInfo* step_named(std::string_view name);
// The known name that `name` is most likely meant to be, or an empty text.
std::string_view nearest_step_name(std::string_view name);
// As in a manual: "refuse STATUS [retry-after WHEN]".
std::string usage_of(const StepInfo& info);
// What --list-faults prints.
std::string list_of_faults();

}  // namespace gcstream_sim
