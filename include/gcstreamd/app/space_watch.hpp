#pragma once

#include <spdlog/logger.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/free_space.hpp"
#include "gcstreamd/sinks/log_file.hpp"

namespace gcstreamd {

/// Warns in the daemon's log before a disk that a stream writes to is full. Asks the disks away
/// from the loop; one that does not answer is not asked again meanwhile. Used on the loop's thread.
class SpaceWatch {
 public:
  SpaceWatch(const SinkContext& context, std::shared_ptr<spdlog::logger> log, std::string stream)
      : lane_(context.pool.lane()), log_(std::move(log)), stream_(std::move(stream)) {}
  ~SpaceWatch() { *alive_ = false; }
  SpaceWatch(const SpaceWatch&) = delete;
  SpaceWatch& operator=(const SpaceWatch&) = delete;

  /// About once a second; looks every so many of them.
  void tick(const StreamConfig& config);
  bool idle() const { return !asking_; }
  /// Where this path's file is, as it was found last.
  std::optional<std::uint64_t> free(const std::string& path) const;

 private:
  using Spaces = std::map<std::string, DiskSpace>;

  void ask(const std::vector<std::string>& paths);
  void take(const Spaces& spaces);

  SyncPool::Lane lane_;
  std::shared_ptr<spdlog::logger> log_;
  std::string stream_;
  std::map<std::string, FreeSpaceWatch> watches_;  ///< by path
  Spaces spaces_;                                  ///< as they were found last
  unsigned ticks_ = 0;
  bool asking_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gcstreamd
