#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// What the files that a stream's connections and seals are made with hold, as hashes: only to tell
/// whether it changed.
struct Materials {
  std::size_t client_secret = 0;
  std::size_t ca = 0;
  std::size_t client_certificate = 0;
  std::size_t client_key = 0;
  std::vector<std::pair<std::string, std::size_t>> seal_keys;  ///< of each sink, by its name
};

Materials read_materials(const StreamConfig& config);

/// The keys below the stream, such as `tls/ca_file`, whose files hold something else now; those of
/// seals last.
std::vector<std::string> changed_materials(const Materials& before, const Materials& now);

/// Whether it is one of a seal, which no connection is made with.
bool concerns_seal(const std::string& key);

}  // namespace gcstreamd
