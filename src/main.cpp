#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <exception>
#include <iostream>

#include "gcstreamd/app/cli.hpp"

namespace {

/// A standard descriptor that came closed would be given to the next socket or file.
void fill_closed_descriptors() {
  int fd = ::open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO)
    fd = ::open("/dev/null", O_RDWR);
  ::close(fd);
}

/// The C library would raise this with each large block that is freed, and keep the next one.
void give_large_blocks_back() {
#ifdef M_MMAP_THRESHOLD
  constexpr int kLarge = 1024 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, kLarge);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int kInternalError = 70;
  fill_closed_descriptors();
  give_large_blocks_back();
  try {
    return gcstreamd::run_command_line(argc, argv);
  } catch (const std::exception& bug) {
    std::cerr << "gcstreamd: internal error: " << bug.what() << '\n';
    return kInternalError;
  }
}
