#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "gcstreamd/core/event_memory.hpp"
#include "gcstreamd/sinks/disk.hpp"
#include "gcstreamd/sinks/log_file.hpp"

namespace gcstreamd {

/// Keeps an EventMemory over restarts: what is new in it is added to a file, which is written anew
/// when it has grown. What a failure keeps out of it is in the next file: until then a crash may
/// double what comes twice, and nothing is lost. Used on the loop's thread.
class MemoryFile {
 public:
  /// All of them outlive it.
  MemoryFile(const SinkContext& context, const std::filesystem::path& file, EventMemory& memory);
  ~MemoryFile() { *alive_ = false; }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  /// Reads what the file holds.
  void load();
  /// Writes it anew before anything is numbered, and waits for the disk: lines of numbers that no
  /// sink holds must not be found again.
  boost::system::error_code begin();
  /// Adds what is new, before the sinks write what it is about.
  void append();
  /// About once a second: syncs, and writes the file anew where it has grown.
  void tick();
  bool idle() const { return !saving_; }

 private:
  boost::system::error_code open();
  void rewrite();

  Disk& disk_;
  SyncPool::Lane lane_;
  std::string path_;
  EventMemory& memory_;
  std::shared_ptr<AppendFile> file_;
  std::string pending_;  ///< for the file that is being written
  bool dirty_ = false;   ///< written since the last sync
  bool stale_ = false;   ///< something is not in it
  bool saving_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gcstreamd
