// A message's bytes on the wire, as its look wants them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "simulator/faults.hpp"

namespace gcstream_sim {

std::string wire_of(std::string_view message, const Look& look);

}  // namespace gcstream_sim
