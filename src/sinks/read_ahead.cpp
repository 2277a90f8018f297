#include "gcstreamd/sinks/read_ahead.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace gcstreamd {

ReadAhead::ReadAhead(std::unique_ptr<LogSource> source, std::size_t block)
    : source_(std::move(source)), block_(block), thread_([this] { work(); }) {}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReadAhead::work() {
  while (wait_for_room()) {
    Block block{std::vector<char>(block_), 0, 0};
    block.size = source_->read(block.bytes.data(), block.bytes.size());
    block.consumed = source_->consumed();
    const std::lock_guard lock(mutex_);
    ended_ = block.size == 0;
    ready_.push(std::move(block));
    changed_.notify_all();
  }
}

/// False when there is nothing more to do.
bool ReadAhead::wait_for_room() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stop_ || ended_ || ready_.size() < kMostBlocks; });
  return !stop_ && !ended_;
}

/// False at the end.
bool ReadAhead::take_next() {
  if (at_ < current_.size)
    return true;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ready_.empty() || ended_; });
  if (ready_.empty())
    return false;
  current_ = std::move(ready_.front());
  ready_.pop();
  at_ = 0;
  if (current_.size == 0)
    fault_ = source_->fault();  // the thread is done with it
  changed_.notify_all();
  return current_.size > 0;
}

std::size_t ReadAhead::read(char* to, std::size_t room) {
  if (!take_next())
    return 0;
  const std::size_t size = std::min(room, current_.size - at_);
  std::memcpy(to, current_.bytes.data() + at_, size);
  at_ += size;
  return size;
}

}  // namespace gcstreamd
