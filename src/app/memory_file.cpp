#include "gcstreamd/app/memory_file.hpp"

#include <utility>

#include "gcstreamd/sinks/position_file.hpp"

namespace gcstreamd {
namespace {

constexpr unsigned kMode = 0640;

}  // namespace

MemoryFile::MemoryFile(const SinkContext& context, const std::filesystem::path& file,
                       EventMemory& memory)
    : disk_(context.disk), lane_(context.pool.lane()), path_(file.string()), memory_(memory) {}

void MemoryFile::load() {
  if (const auto text = disk_.load(path_))
    memory_.load(*text);
}

boost::system::error_code MemoryFile::open() {
  auto file = disk_.open(path_, kMode);
  if (!file)
    return file.error();
  file_ = std::move(*file);
  return {};
}

boost::system::error_code MemoryFile::begin() {
  if (const auto error = save_file(disk_, path_, memory_.snapshot()))
    return error;
  return open();
}

void MemoryFile::append() {
  const std::string fresh = memory_.take_new();
  if (fresh.empty())
    return;
  if (saving_)
    pending_ += fresh;
  if (stale_)
    return;
  stale_ = !file_ || file_->append(fresh);
  dirty_ = true;
}

void MemoryFile::tick() {
  if (saving_)
    return;
  if (stale_ || memory_.wants_snapshot()) {
    rewrite();
    return;
  }
  if (!std::exchange(dirty_, false))
    return;
  saving_ = true;
  lane_.run([file = file_] { return file->sync(); },
            [this, alive = alive_](boost::system::error_code error) {
              if (!*alive)
                return;
              saving_ = false;
              pending_.clear();
              stale_ = stale_ || error;
            });
}

/// Until it is in place the old one goes on: a crash finds either of them whole.
void MemoryFile::rewrite() {
  saving_ = true;
  pending_.clear();
  auto job = [&disk = disk_, path = path_, text = memory_.snapshot()] {
    return save_file(disk, path, text);
  };
  lane_.run(std::move(job), [this, alive = alive_](boost::system::error_code error) {
    if (!*alive)
      return;
    saving_ = false;
    const std::string late = std::exchange(pending_, {});
    stale_ = error || open() || (!late.empty() && file_->append(late));
    dirty_ = !late.empty();
  });
}

}  // namespace gcstreamd
