// HTTP answers: the upgrade, and what a step of a script makes of a good answer. Pure functions.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "simulator/api.hpp"
#include "simulator/step.hpp"

namespace gcstream_sim {

// 101 with the right Sec-WebSocket-Accept.
Response upgrade_of(const Request& request);

// `step` must be one of Place::token, Place::request or Place::upgrade.
Response spoiled(Response good, const Step& step, std::chrono::system_clock::time_point now);

// RFC 6455, section 4.2.2.
std::string accept_key(std::string_view key);

}  // namespace gcstream_sim
