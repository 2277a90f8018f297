#include "gcstreamd/core/free_space.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

namespace gcstreamd {
namespace {

using std::chrono::seconds;
using Level = FreeSpaceWatch::Level;

double share(const DiskSpace& space) {
  return static_cast<double>(space.free) / static_cast<double>(space.total);
}

std::string bytes_for_people(std::uint64_t bytes) {
  constexpr auto kUnits = std::to_array<std::string_view>({"KiB", "MiB", "GiB", "TiB", "PiB"});
  constexpr double kStep = 1024;
  double value = static_cast<double>(bytes) / kStep;
  std::size_t unit = 0;
  for (; value >= kStep && unit + 1 < kUnits.size(); ++unit)
    value /= kStep;
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string duration_for_people(seconds time) {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  const std::int64_t count = time.count();
  if (count < 2 * kMinute)
    return fmt::format("{} s", count);
  if (count < 2 * kHour)
    return fmt::format("{} min", count / kMinute);
  if (count < 2 * kDay)
    return fmt::format("{} h", count / kHour);
  return fmt::format("{} days", count / kDay);
}

}  // namespace

std::optional<FreeSpaceWatch::News> FreeSpaceWatch::on(DiskSpace space, SteadyTime now) {
  if (space.total == 0)
    return std::nullopt;
  observe(space, now);
  const Level before = std::exchange(level_, next_level());
  const bool told = level_ == before || (before == Level::critical && level_ == Level::low);
  if (told)
    return std::nullopt;
  return News{level_, space_, until_full()};
}

Level FreeSpaceWatch::next_level() const {
  const double free = share(space_);
  if (free < 0.03 || (level_ == Level::critical && free <= 0.04))
    return Level::critical;
  if (free < 0.10 || (level_ != Level::fine && free <= 0.12))
    return Level::low;
  return Level::fine;
}

/// The rate is smoothed over ten minutes, however often it is looked at.
void FreeSpaceWatch::observe(DiskSpace space, SteadyTime now) {
  constexpr std::chrono::duration<double> kSmoothing = std::chrono::minutes{10};
  if (seen_ && now <= *seen_) {  // two looks at one moment have no rate
    space_ = space;
    return;
  }
  if (seen_) {
    const std::chrono::duration<double> passed = now - *seen_;
    const double less = static_cast<double>(space_.free) - static_cast<double>(space.free);
    const double rate = less / passed.count();
    const double weight = 1 - std::exp(-(passed / kSmoothing));
    rate_ = rate_ ? *rate_ + weight * (rate - *rate_) : rate;
  }
  space_ = space;
  seen_ = now;
}

std::optional<seconds> FreeSpaceWatch::until_full() const {
  constexpr std::chrono::duration<double> kTooFar = std::chrono::years{1};
  if (!rate_ || *rate_ <= 0)
    return std::nullopt;
  const std::chrono::duration<double> left{static_cast<double>(space_.free) / *rate_};
  if (left > kTooFar)
    return std::nullopt;
  return std::chrono::duration_cast<seconds>(left);
}

std::string describe(const FreeSpaceWatch::News& news, std::string_view path) {
  std::string text =
      fmt::format("{}: {:.1f} % free ({} of {})", path, 100 * share(news.space),
                  bytes_for_people(news.space.free), bytes_for_people(news.space.total));
  if (news.until_full)
    text += fmt::format(", full in about {}", duration_for_people(*news.until_full));
  return text;
}

std::string_view hint(const FreeSpaceWatch::News& news) {
  switch (news.level) {
    case Level::fine:
      return "";
    case Level::low:
      return "free space there, or let old files go by rotate.keep or rotate.max_total_bytes";
    case Level::critical:
      return "free space there now: on a full disk the sinks fail, and their streams stop at the "
             "position until there is room";
  }
  return "";
}

}  // namespace gcstreamd
