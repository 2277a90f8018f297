#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "gcstreamd/sinks/archive.hpp"

namespace gcstreamd {

/// Compresses rotated files and applies retention on one thread of its own with a low priority, one
/// task after the other, so that neither the loop nor a sync ever waits for it. One for the whole
/// daemon, made, used and destroyed on the loop's thread. It keeps no record of what is to be done:
/// what was not done is found in the directory at the path's next task.
///
/// At a stop: call `stop` with what is left of the shutdown's time and count `false` as not
/// settled, so that the process ends by _Exit as it does beside a sync that never ends. No file
/// needs more: what was half done is cleared by the next task.
class Archivist {
 public:
  /// Called on the loop; never after `stop`.
  using Tell = std::function<void(const ArchiveNews&)>;

  Archivist(boost::asio::any_io_executor loop, Tell tell);
  /// Stops. Where the disk does not answer within a second, the thread is left behind; it touches
  /// nothing of the owner's any more.
  ~Archivist();
  Archivist(const Archivist&) = delete;
  Archivist& operator=(const Archivist&) = delete;

  /// After a rotation, once the old file is synced and closed; at the start, with the newest
  /// rotated name that is there, before the sink may rotate; and after a reload. A task that waits
  /// takes the place of an earlier one of the same path, so that no more wait than there are paths.
  void tidy(ArchiveTask task);
  /// Whether nothing waits or is being done.
  bool idle() const;
  /// Gives up what waits and ends what is being done at the next block. Whether the thread has
  /// ended within `limit`.
  bool stop(std::chrono::milliseconds limit);

 private:
  struct Shared;
  static void work(const std::shared_ptr<Shared>& shared);

  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace gcstreamd
