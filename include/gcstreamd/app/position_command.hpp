#pragma once

#include <optional>
#include <string>

#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// `gcstreamd position show | set N | tip --stream NAME`.
struct PositionRequest {
  enum class What { show, set, tip };
  What what = What::show;
  SequenceNumber number = 0;  ///< to resume after, with `set`
  std::string stream;
};

/// Shows a stream's saved position as one line of JSON, or moves it: only while no daemon holds the
/// state directory, and with an audit record. Returns the process's exit code.
int run_position(const Config& config, const PositionRequest& request);

}  // namespace gcstreamd
