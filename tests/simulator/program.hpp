// gcstream-sim from a parsed command line to its exit code.
#pragma once

#include "simulator/command_line.hpp"

namespace gcstream_sim {

// Serves until SIGINT or SIGTERM. Throws std::exception when it cannot start.
int run(const CommandLine& line);

}  // namespace gcstream_sim
