#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// The effective configuration with every key that takes part, secrets masked. What is not in it is
/// neither printed nor seen by a reload.
nlohmann::ordered_json config_json(const Config& config);

/// As text; what is not UTF-8 is replaced. `indent` -1: on one line.
std::string config_text(const nlohmann::ordered_json& value, int indent);

}  // namespace gcstreamd
