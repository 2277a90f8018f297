// Scripts: text into steps, or into every error that the text has. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "simulator/protocol.hpp"
#include "simulator/step.hpp"

namespace gcstream_sim {

// Its blocks are closed, not empty, and each knows its other end.
struct Script {
  std::vector<Step> steps;
};

// One line each, with what is allowed instead.
using ScriptErrors = std::vector<std::string>;

// `name` stands before the line number in errors: the file's name.
std::variant<Script, ScriptErrors> read_script(std::string_view text, std::string_view name);

// What a simulator of that protocol cannot play.
ScriptErrors foreign_steps(const Script& script, Protocol protocol, std::string_view name);

// For programs. Throws std::invalid_argument with all errors.
Script script_of(std::string_view text);

// One step, as --fault takes it; throws std::invalid_argument. Steps that do not wait for a
// client's action are refused: they have no occasion.
Step standing_fault(std::string_view text);

}  // namespace gcstream_sim
