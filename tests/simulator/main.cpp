#include <cstdio>
#include <exception>
#include <variant>

#include "simulator/command_line.hpp"
#include "simulator/program.hpp"

int main(int argc, char** argv) {
  try {
    const auto line = gcstream_sim::read_command_line(argc, argv);
    if (const int* code = std::get_if<int>(&line)) {
      return *code;
    }
    return gcstream_sim::run(std::get<gcstream_sim::CommandLine>(line));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "gcstream-sim: %s\n", e.what());
    return 1;
  }
}
