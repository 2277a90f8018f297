#pragma once

#include <optional>

#include "gcstreamd/app/space_watch.hpp"
#include "gcstreamd/app/store.hpp"
#include "gcstreamd/core/daemon_status.hpp"

namespace gcstreamd {

/// What every stream has: its name, its sinks with their free space, whether its position is saved.
StreamStatus begin_status(const StreamConfig& config, const Store& store, const SpaceWatch& space);

/// The same moment by the other clock.
std::optional<WallTime> wall_of(std::optional<SteadyTime> when, const Now& now);

}  // namespace gcstreamd
