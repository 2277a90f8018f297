#include <exception>
#include <iostream>

#include "gcstreamd/app/cli.hpp"

int main(int argc, char** argv) {
  constexpr int kInternalError = 70;
  try {
    return gcstreamd::run_command_line(argc, argv);
  } catch (const std::exception& bug) {
    std::cerr << "gcstreamd: internal error: " << bug.what() << '\n';
    return kInternalError;
  }
}
