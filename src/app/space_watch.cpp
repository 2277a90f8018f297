#include "gcstreamd/app/space_watch.hpp"

#include <chrono>

#include "gcstreamd/app/log.hpp"
#include "gcstreamd/sinks/rotated_files.hpp"

namespace gcstreamd {
namespace {

constexpr unsigned kTicks = 10;

spdlog::level::level_enum level_of(FreeSpaceWatch::Level level) {
  switch (level) {
    case FreeSpaceWatch::Level::fine:
      return spdlog::level::info;
    case FreeSpaceWatch::Level::low:
      return spdlog::level::warn;
    case FreeSpaceWatch::Level::critical:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void SpaceWatch::tick(const StreamConfig& config) {
  if (ticks_++ % kTicks != 0 || asking_)
    return;
  std::vector<std::string> paths;
  for (const SinkConfig& sink : config.sinks)
    if (!sink.path.empty())
      paths.push_back(sink.path);
  ask(paths);
}

void SpaceWatch::ask(const std::vector<std::string>& paths) {
  asking_ = true;
  const auto spaces = std::make_shared<Spaces>();
  auto job = [spaces, paths] {
    for (const std::string& path : paths)
      if (const auto space = disk_space(path))
        (*spaces)[path] = *space;
    return boost::system::error_code();
  };
  lane_.run(std::move(job), [this, alive = alive_, spaces](boost::system::error_code) {
    if (*alive)
      take(*spaces);
  });
}

std::optional<std::uint64_t> SpaceWatch::free(const std::string& path) const {
  const auto found = spaces_.find(path);
  return found == spaces_.end() ? std::nullopt : std::optional(found->second.free);
}

/// Several sinks on one disk are one warning: the first path's.
void SpaceWatch::take(const Spaces& spaces) {
  asking_ = false;
  spaces_ = spaces;
  const auto now = std::chrono::steady_clock::now();
  std::map<std::pair<std::uint64_t, std::uint64_t>, bool> told;
  for (const auto& [path, space] : spaces) {
    const auto news = watches_[path].on(space, now);
    if (!news || std::exchange(told[{space.free, space.total}], true))
      continue;
    const std::string_view advice = hint(*news);
    log_->log(about(stream_, "disk_space"), level_of(news->level), "{}: {}{}{}", stream_,
              describe(*news, path), advice.empty() ? "" : "; ", advice);
  }
}

}  // namespace gcstreamd
