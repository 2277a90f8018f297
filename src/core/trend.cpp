#include "gcstreamd/core/trend.hpp"

#include <utility>

namespace gcstreamd {
namespace {

using Seconds = std::chrono::duration<double>;
using Millis = std::chrono::duration<double, std::milli>;

}  // namespace

void Trend::on_tick(std::uint64_t delivered, const LatencyHistogram& latency, const Now& now) {
  const Count count{delivered, latency.count(), latency.sum(), now.steady};
  if (!before_) {
    before_ = count;
    return;
  }
  // Ticks are not exact: one that is a little early shall not make a step a fifth longer.
  constexpr std::chrono::milliseconds kEarly{200};
  if (now.steady - before_->at < kStep - kEarly)
    return;
  const Count before = *std::exchange(before_, count);
  Point point;
  point.rate = static_cast<double>(count.delivered - before.delivered) /
               Seconds(count.at - before.at).count();
  if (count.timed > before.timed)
    point.latency_ms = Millis(count.latency - before.latency).count() /
                       static_cast<double>(count.timed - before.timed);
  points_.push_back(point);
  if (points_.size() > kMost)
    points_.pop_front();
  end_ = now.wall;
}

}  // namespace gcstreamd
