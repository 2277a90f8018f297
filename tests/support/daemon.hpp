#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gcstreamd::testing {

using Variables = std::map<std::string, std::string, std::less<>>;

struct Command {
  std::filesystem::path binary;
  std::vector<std::string> arguments;
  Variables environment;            ///< added to PATH and HOME, which are all that a child is given
  std::filesystem::path directory;  ///< where stdout.log and stderr.log are appended to
};

/// A child process with a clean environment. Killed by its own pid, and reaped, when destroyed.
class Process {
 public:
  explicit Process(const Command& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  /// The exit code, or 128 + the signal that ended it. Throws when the deadline passes.
  int wait_exit();

  std::filesystem::path stdout_path() const { return directory_ / "stdout.log"; }
  std::filesystem::path stderr_path() const { return directory_ / "stderr.log"; }

 private:
  int reap();

  std::filesystem::path directory_;
  pid_t pid_ = -1;
  int pid_descriptor_ = -1;
  int exit_code_ = -1;
};

/// The daemon under test: `gcstreamd` with these arguments.
Command gcstreamd_command(const std::filesystem::path& directory,
                          std::vector<std::string> arguments, Variables environment = {});

struct Finished {
  int exit_code = -1;
  std::string out;
  std::string err;
};

/// Runs `gcstreamd` to its end.
Finished run_gcstreamd(const std::filesystem::path& directory, std::vector<std::string> arguments,
                       Variables environment = {});

}  // namespace gcstreamd::testing
