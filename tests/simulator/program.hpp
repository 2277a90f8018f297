// gcstream-sim from a parsed command line to its exit code.
#pragma once

#include "simulator/command_line.hpp"

namespace gcstream_sim {

// Serves until SIGINT, SIGTERM or the end that a script gives it; 1: an expectation of the script
// failed, kExitUsage: it has errors. Throws std::exception when it cannot start.
int run(const CommandLine& line);

}  // namespace gcstream_sim
