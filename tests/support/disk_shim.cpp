// Preloaded into the daemon: while the file $GCSTREAMD_DISK_FILE says "stall", syncs do not end;
// while it holds a number, they fail with that errno.
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

/// 0: nothing, -1: stall, else an errno.
int what_to_do() {
  const char* path = std::getenv("GCSTREAMD_DISK_FILE");
  std::FILE* file = path ? std::fopen(path, "re") : nullptr;
  if (!file) {
    return 0;
  }
  char text[32] = "0";
  const bool read = std::fgets(text, sizeof text, file) != nullptr;
  std::fclose(file);
  return read && std::strncmp(text, "stall", 5) == 0
             ? -1
             : static_cast<int>(std::strtol(text, nullptr, 10));
}

int sync_by(long call, int fd) {
  constexpr useconds_t kPoll = 1000;
  int fault = 0;
  while ((fault = what_to_do()) < 0) {
    ::usleep(kPoll);
  }
  if (fault == 0) {
    return static_cast<int>(::syscall(call, fd));
  }
  errno = fault;
  return -1;
}

}  // namespace

extern "C" int fdatasync(int fd) {
  return sync_by(SYS_fdatasync, fd);
}

extern "C" int fsync(int fd) {
  return sync_by(SYS_fsync, fd);
}
