#include "support/daemon.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "support/deadline.hpp"
#include "support/files.hpp"

namespace gcstreamd::testing {
namespace {

constexpr int kAppend = O_WRONLY | O_CREAT | O_APPEND;

/// The child's descriptors and signals: nothing of the test's own state is left to it.
class SpawnOptions {
 public:
  SpawnOptions(const std::string& out, const std::string& err) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, out.c_str(), kAppend, 0600);
    posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, err.c_str(), kAppend, 0600);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnOptions() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnOptions(const SpawnOptions&) = delete;
  SpawnOptions& operator=(const SpawnOptions&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

std::vector<std::string> environment_of(const Command& command) {
  Variables variables{{"PATH", "/usr/bin:/bin"}, {"HOME", command.directory.string()}};
  // Without these a sanitizer in the child is not the one that the caller configured.
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) {
      variables[name] = value;
    }
  }
  for (const auto& [name, value] : command.environment) {
    variables[name] = value;
  }
  std::vector<std::string> lines;
  std::ranges::transform(variables, std::back_inserter(lines), [](const auto& variable) {
    return variable.first + '=' + variable.second;
  });
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  std::ranges::transform(texts, std::back_inserter(result),
                         [](std::string& text) { return text.data(); });
  result.push_back(nullptr);
  return result;
}

pid_t spawn(const Command& command, const SpawnOptions& options) {
  std::vector<std::string> arguments{command.binary.string()};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> environment = environment_of(command);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, command.binary.c_str(), options.actions(), options.attributes(),
                    pointers(arguments).data(), pointers(environment).data());
  if (error != 0) {
    throw std::system_error(error, std::generic_category(), command.binary.string());
  }
  return pid;
}

}  // namespace

Process::Process(const Command& command) : directory_(command.directory) {
  const SpawnOptions options(stdout_path().string(), stderr_path().string());
  pid_ = spawn(command, options);
  pid_descriptor_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    reap();
  }
  ::close(pid_descriptor_);
}

void Process::signal(int number) const {
  if (pid_ > 0) {
    ::kill(pid_, number);
  }
}

int Process::wait_exit() {
  if (pid_ < 0) {
    return exit_code_;
  }
  pollfd waiting{pid_descriptor_, POLLIN, 0};
  const Deadline deadline;
  if (::poll(&waiting, 1, deadline.left_ms()) <= 0) {
    throw std::runtime_error("waited in vain for the process to exit; its stderr ends with:\n" +
                             tail(stderr_path()));
  }
  return reap();
}

int Process::reap() {
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_code_;
}

Command gcstreamd_command(const std::filesystem::path& directory,
                          std::vector<std::string> arguments, Variables environment) {
  return {GCSTREAMD_BINARY, std::move(arguments), std::move(environment), directory};
}

Finished run_gcstreamd(const std::filesystem::path& directory, std::vector<std::string> arguments,
                       Variables environment) {
  Process process(gcstreamd_command(directory, std::move(arguments), std::move(environment)));
  const int exit_code = process.wait_exit();
  return {exit_code, read_file(process.stdout_path()), read_file(process.stderr_path())};
}

}  // namespace gcstreamd::testing
