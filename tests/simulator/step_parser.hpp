// One line of a script into a step, as the table says. A pure function.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "simulator/step.hpp"

namespace gcstream_sim {

// What is wrong, what is allowed, and the nearest known step for a misspelt one.
struct StepError {
  std::string what;
};

// No step: the line is blank or a comment.
std::variant<std::optional<Step>, StepError> read_step(std::string_view line);

}  // namespace gcstream_sim
