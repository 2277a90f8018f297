// The command line of gcstream-sim. Pure, but for what the parser itself prints.
#pragma once

#include <filesystem>
#include <variant>

#include "simulator/options.hpp"

namespace gcstream_sim {

inline constexpr int kExitUsage = 64;

struct CommandLine {
  Options options;  // without identity and client secret
  std::filesystem::path directory = "gcstream-sim";
  std::filesystem::path summary;  // empty: no file
  std::filesystem::path script;   // empty: none
  bool quiet = false;
};

// Or the exit code, after help or an error was printed.
std::variant<CommandLine, int> read_command_line(int argc, const char* const* argv);

}  // namespace gcstream_sim
