#pragma once

namespace gcstreamd {

/// The command line: parses it, runs the subcommand and returns the process's exit code.
int run_command_line(int argc, char** argv);

}  // namespace gcstreamd
