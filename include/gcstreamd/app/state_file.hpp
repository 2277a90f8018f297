#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gcstreamd/sinks/disk.hpp"
#include "gcstreamd/sinks/log_file.hpp"

namespace gcstreamd {

/// A small text that is kept over restarts, replaced as a whole: saved off the loop, one save at a
/// time, the newest last. Used on the loop's thread.
class StateFile {
 public:
  StateFile(const SinkContext& context, std::filesystem::path file)
      : disk_(context.disk), lane_(context.pool.lane()), file_(std::move(file)) {}
  ~StateFile() { *alive_ = false; }
  StateFile(const StateFile&) = delete;
  StateFile& operator=(const StateFile&) = delete;

  /// "" where there is none, or none that can be read.
  std::string load() const;
  using OnEnd = std::function<void(boost::system::error_code)>;
  /// Not while one is under way.
  void save(std::string text, OnEnd on_end);
  bool idle() const { return !saving_; }
  std::string path() const { return file_.string(); }

 private:
  Disk& disk_;
  SyncPool::Lane lane_;
  std::filesystem::path file_;
  bool saving_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gcstreamd
