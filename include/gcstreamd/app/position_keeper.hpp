#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "gcstreamd/sinks/log_file.hpp"
#include "gcstreamd/sinks/position_file.hpp"

namespace gcstreamd {

/// Loads a stream's position and saves it off the loop, one save at a time, the newest last.
/// Used on the loop's thread.
class PositionKeeper {
 public:
  PositionKeeper(const SinkContext& context, std::filesystem::path file)
      : disk_(context.disk), lane_(context.pool.lane()), file_(std::move(file)) {}
  ~PositionKeeper() { *alive_ = false; }

  enum class Loaded {
    found,
    previous,  ///< the newest is damaged or gone; this is the one before
    absent,
    damaged,     ///< there is a file, and neither it nor the one before can be used
    unreadable,  ///< there is a file, and it could be the right one
    foreign,     ///< of another org or endpoint
  };
  Loaded load(const std::string& org, const std::string& endpoint, SavedPosition& position) const;

  using OnError = std::function<void(boost::system::error_code)>;
  /// Does nothing where this is what was saved last. Returns the ticket of the save that this
  /// position, or a later one, is in.
  std::uint64_t save(const SavedPosition& position, const OnError& on_error);
  /// Whether that save has ended; known before its `on_error` is called.
  bool ended(std::uint64_t ticket) const { return ended_ >= ticket; }
  bool idle() const { return !saving_ && !next_; }
  const std::filesystem::path& file() const { return file_; }

 private:
  void start(const OnError& on_error);

  Disk& disk_;
  SyncPool::Lane lane_;
  std::filesystem::path file_;
  SavedPosition saved_;
  std::optional<SavedPosition> next_;
  std::uint64_t asked_ = 0;    ///< the newest position's ticket
  std::uint64_t running_ = 0;  ///< of the save that runs, or ran last
  std::uint64_t ended_ = 0;    ///< of the last one that ended
  bool saving_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gcstreamd
