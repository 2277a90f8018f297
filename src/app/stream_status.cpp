#include "gcstreamd/app/stream_status.hpp"

namespace gcstreamd {

StreamStatus begin_status(const StreamConfig& config, const Store& store, const SpaceWatch& space) {
  StreamStatus status;
  status.name = config.name;
  status.position_saved = store.position_saved();
  status.position_failures = store.save_failures();
  status.sinks = store.delivery().status();
  for (SinkStatus& sink : status.sinks)
    sink.disk_free = space.free(sink.path);
  return status;
}

std::optional<WallTime> wall_of(std::optional<SteadyTime> when, const Now& now) {
  if (!when)
    return std::nullopt;
  return now.wall + std::chrono::floor<std::chrono::microseconds>(*when - now.steady);
}

}  // namespace gcstreamd
