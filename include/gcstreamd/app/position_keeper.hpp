#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "gcstreamd/sinks/position_file.hpp"
#include "gcstreamd/sinks/sync_pool.hpp"

namespace gcstreamd {

/// Loads a stream's position and saves it off the loop, one save at a time, the newest last.
/// Used on the loop's thread.
class PositionKeeper {
 public:
  PositionKeeper(SyncPool& pool, std::filesystem::path file)
      : pool_(pool), file_(std::move(file)) {}
  ~PositionKeeper() { *alive_ = false; }

  enum class Loaded {
    found,
    absent,
    damaged,     ///< there is a file, and it cannot be used
    unreadable,  ///< there is a file, and it could be the right one
    foreign,     ///< of another org or endpoint
  };
  Loaded load(const std::string& org, const std::string& endpoint, SavedPosition& position) const;

  using OnError = std::function<void(boost::system::error_code)>;
  /// Does nothing where this is what was saved last.
  void save(const SavedPosition& position, const OnError& on_error);
  bool idle() const { return !saving_ && !next_; }
  const std::filesystem::path& file() const { return file_; }

 private:
  void start(const OnError& on_error);

  SyncPool& pool_;
  std::filesystem::path file_;
  SavedPosition saved_;
  std::optional<SavedPosition> next_;
  bool saving_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gcstreamd
