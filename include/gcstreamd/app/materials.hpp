#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// What the files that a stream's connections and sinks work with hold, as hashes: only to tell
/// whether it changed.
struct Materials {
  std::size_t client_secret = 0;
  std::size_t ca = 0;
  std::size_t client_certificate = 0;
  std::size_t client_key = 0;
  struct SinkKey {
    std::string id;       ///< the same in another order of sinks
    std::string pointer;  ///< below the stream
    std::size_t hash = 0;
  };
  std::vector<SinkKey> sink_keys;
};

Materials read_materials(const StreamConfig& config);

/// The keys below the stream, such as `tls/ca_file`, whose files hold something else now; those of
/// sinks last.
std::vector<std::string> changed_materials(const Materials& before, const Materials& now);

/// Whether it is one of a sink, which no connection is made with.
bool concerns_sink(const std::string& key);

}  // namespace gcstreamd
