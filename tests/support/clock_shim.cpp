// Preloaded into the daemon: its wall clock is off by as many seconds as $GCSTREAMD_CLOCK_FILE
// says, at each call anew. The monotonic clocks are left alone.
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const int result = static_cast<int>(::syscall(SYS_clock_gettime, clock, now));
  const char* path = clock == CLOCK_REALTIME ? std::getenv("GCSTREAMD_CLOCK_FILE") : nullptr;
  std::FILE* file = path ? std::fopen(path, "re") : nullptr;
  if (!file) {
    return result;
  }
  char text[32] = "0";
  if (std::fgets(text, sizeof text, file)) {
    now->tv_sec += std::strtol(text, nullptr, 10);
  }
  std::fclose(file);
  return result;
}
