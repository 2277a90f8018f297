#pragma once

#include "gcstreamd/core/daemon_status.hpp"

namespace gcstreamd {

/// What the system says of this process; 0 for what it does not say.
ProcessStatus process_status();

}  // namespace gcstreamd
