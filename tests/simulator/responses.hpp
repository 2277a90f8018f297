// Answers that all of the REST API's resources have. Pure but for random ids.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string_view>

#include "simulator/api.hpp"

namespace gcstream_sim {

// The API's own form of an error.
Response api_error(unsigned status, std::string_view code, std::string_view message);
Response json_response(const nlohmann::ordered_json& body);

}  // namespace gcstream_sim
