// Preloaded into the daemon: a SIGKILL at one chosen call on a file below one directory.
//
// CHAOS_ROOT   the directory; calls on files elsewhere are left alone
// CHAOS_TRACE  appends "CALL PATH" for each call to this file; PATH is below the root, and each run
//              of digits in it is a #, so that names with a time in them are the same in every run
// CHAOS_KILL   "CALL PATH NUMBER MOMENT": which of the trace's lines, from 1, and when: `before`
// the
//              call, `half` (of a write's bytes were written), `after` it
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cctype>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// "" when it is none of ours.
std::string below_root(const std::string& path) {
  const std::string root = variable("CHAOS_ROOT") + '/';
  if (path.compare(0, root.size(), root) != 0) {
    return {};
  }
  std::string name;
  for (const char c : path.substr(root.size())) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) {
      name += c;
    } else if (name.empty() || name.back() != '#') {
      name += '#';
    }
  }
  return name;
}

std::string path_of(int fd) {
  char path[PATH_MAX] = "";
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : std::string();
}

void trace(const std::string& line) {
  static const int file = [] {
    using Open = int(const char*, int, ...);
    const std::string path = variable("CHAOS_TRACE");
    return path.empty()
               ? -1
               : real<Open>("open")(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }();
  using Write = ssize_t(int, const void*, size_t);
  static Write* const write_it = real<Write>("write");
  if (file >= 0) {
    static_cast<void>(write_it(file, line.data(), line.size()));
  }
}

enum class Moment { none, before, half, after };

// One call; counts it where it is the one that was chosen.
class Call {
 public:
  Call(const char* name, const std::string& path) {
    const std::string below = below_root(path);
    if (below.empty()) {
      return;
    }
    const std::string key = std::string(name) + ' ' + below;
    trace(key + '\n');
    static const std::string chosen = variable("CHAOS_KILL");
    if (chosen.compare(0, key.size() + 1, key + ' ') == 0) {
      count(chosen.substr(key.size() + 1));
    }
    if (moment_ == Moment::before) {
      die();
    }
  }
  ~Call() {
    if (moment_ == Moment::after) {
      die();
    }
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  bool half() const { return moment_ == Moment::half; }
  [[noreturn]] static void die() {
    ::kill(::getpid(), SIGKILL);
    for (;;) {
      ::pause();
    }
  }

 private:
  void count(const std::string& rest) {
    static std::atomic<long> seen{0};
    if (++seen != std::strtol(rest.c_str(), nullptr, 10)) {
      return;
    }
    const std::string when = rest.substr(rest.find(' ') + 1);
    moment_ = when == "half" ? Moment::half : when == "after" ? Moment::after : Moment::before;
  }

  Moment moment_ = Moment::none;
};

int open_it(const char* symbol, const char* path, int flags, std::va_list& more) {
  using Open = int(const char*, int, ...);
  const Call call("open", path);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  return real<Open>(symbol)(path, flags, mode);
}

template <typename Function>
ssize_t write_half(Function* write_it, int fd, const void* bytes, size_t size) {
  static_cast<void>(write_it(fd, bytes, size / 2));
  Call::die();
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list more;
  va_start(more, flags);
  const int fd = open_it("open", path, flags, more);
  va_end(more);
  return fd;
}

int open64(const char* path, int flags, ...) {
  std::va_list more;
  va_start(more, flags);
  const int fd = open_it("open64", path, flags, more);
  va_end(more);
  return fd;
}

ssize_t write(int fd, const void* bytes, size_t size) {
  static auto* const next = real<ssize_t(int, const void*, size_t)>("write");
  const Call call("write", path_of(fd));
  return call.half() ? write_half(next, fd, bytes, size) : next(fd, bytes, size);
}

int fdatasync(int fd) {
  const Call call("fdatasync", path_of(fd));
  return real<int(int)>("fdatasync")(fd);
}

int fsync(int fd) {
  const Call call("fsync", path_of(fd));
  return real<int(int)>("fsync")(fd);
}

int close(int fd) {
  static auto* const next = real<int(int)>("close");
  const Call call("close", path_of(fd));
  return next(fd);
}

int ftruncate(int fd, off_t size) noexcept {
  const Call call("ftruncate", path_of(fd));
  return real<int(int, off_t)>("ftruncate")(fd, size);
}

int ftruncate64(int fd, off64_t size) noexcept {
  const Call call("ftruncate", path_of(fd));
  return real<int(int, off64_t)>("ftruncate64")(fd, size);
}

int rename(const char* from, const char* to) noexcept {
  const Call call("rename", from);
  return real<int(const char*, const char*)>("rename")(from, to);
}

int renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) noexcept {
  const Call call("rename", from);
  return real<int(int, const char*, int, const char*, unsigned)>("renameat2")(from_at, from, to_at,
                                                                              to, flags);
}

int link(const char* from, const char* to) noexcept {
  const Call call("link", from);
  return real<int(const char*, const char*)>("link")(from, to);
}

int unlink(const char* path) noexcept {
  const Call call("unlink", path);
  return real<int(const char*)>("unlink")(path);
}

int remove(const char* path) noexcept {
  const Call call("unlink", path);
  return real<int(const char*)>("remove")(path);
}

int mkdir(const char* path, mode_t mode) noexcept {
  const Call call("mkdir", path);
  return real<int(const char*, mode_t)>("mkdir")(path, mode);
}
}
