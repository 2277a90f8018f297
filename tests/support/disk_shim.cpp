// Preloaded into the daemon: syncs wait as long as another process holds a lock on the file
// $GCSTREAMD_DISK_FILE, and fail with the errno that it holds, where that is not 0.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace {

int fault_of_the_disk() {
  const char* path = std::getenv("GCSTREAMD_DISK_FILE");
  const int fd = path ? ::open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) {
    return 0;
  }
  ::flock(fd, LOCK_SH);
  char text[32] = "0";
  const ssize_t size = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  return size > 0 ? static_cast<int>(std::strtol(text, nullptr, 10)) : 0;
}

int sync_by(long call, int fd) {
  const int fault = fault_of_the_disk();
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
