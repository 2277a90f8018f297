#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "gcstreamd/sinks/log_source.hpp"

namespace gcstreamd {

/// Reads a source on a thread of its own, a few blocks ahead, so that decompressing and checking go
/// on at once. To be used by one thread; that it is destroyed ends the reading.
class ReadAhead : public LogSource {
 public:
  static constexpr std::size_t kBlock = std::size_t{512} * 1024;
  static constexpr std::size_t kMostBlocks = 4;

  explicit ReadAhead(std::unique_ptr<LogSource> source, std::size_t block = kBlock);
  ~ReadAhead() override;
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  std::size_t read(char* to, std::size_t room) override;
  /// Nothing, until all that was read before the fault was given.
  ReadFault fault() const override { return fault_; }
  std::uint64_t consumed() const override { return current_.consumed; }

 private:
  struct Block {
    std::vector<char> bytes;
    std::size_t size = 0;
    std::uint64_t consumed = 0;  ///< by the source when it had given this
  };

  void work();
  bool wait_for_room();
  bool take_next();

  std::unique_ptr<LogSource> source_;  ///< the thread's
  std::size_t block_;
  Block current_;       ///< the reader's
  std::size_t at_ = 0;  ///< within it
  ReadFault fault_;     ///< the reader's

  std::mutex mutex_;  ///< for what follows
  std::condition_variable changed_;
  std::queue<Block> ready_;
  bool ended_ = false;
  bool stop_ = false;

  std::thread thread_;
};

}  // namespace gcstreamd
