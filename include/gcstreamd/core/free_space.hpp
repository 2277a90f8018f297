#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// Bytes of a file system.
struct DiskSpace {
  std::uint64_t free = 0;  ///< that our user may still take
  std::uint64_t total = 0;
};

/// Decides when a file system is too full to be silent about. One for each sink's file system;
/// given what it has at any interval.
class FreeSpaceWatch {
 public:
  enum class Level {
    fine,
    low,       ///< below 10 %, until above 12 %
    critical,  ///< below 3 %, until above 4 %
  };
  struct News {
    Level level = Level::fine;
    DiskSpace space;
    std::optional<std::chrono::seconds> until_full;
  };

  /// What there is to tell: `low` as a warning, `critical` as an error, each once until it was left
  /// again; `fine` when there is room again. What has no size is not judged.
  std::optional<News> on(DiskSpace space, SteadyTime now);
  Level level() const { return level_; }
  /// How long the space lasts at the rate of about the last ten minutes; empty where it does not
  /// get less, or lasts for more than a year.
  std::optional<std::chrono::seconds> until_full() const;

 private:
  Level next_level() const;
  void observe(DiskSpace space, SteadyTime now);

  Level level_ = Level::fine;
  DiskSpace space_;
  std::optional<SteadyTime> seen_;
  std::optional<double> rate_;  ///< bytes a second by which the space gets less
};

/// "/var/log: 9.4 % free (12.3 GiB of 131.0 GiB), full in about 3 h": what `path` is on.
std::string describe(const FreeSpaceWatch::News& news, std::string_view path);
/// What a person should do next, "" where nothing is to be done.
std::string_view hint(const FreeSpaceWatch::News& news);

}  // namespace gcstreamd
