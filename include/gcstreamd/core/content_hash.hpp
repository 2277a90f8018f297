#pragma once

#include <cstdint>
#include <string_view>

namespace gcstreamd {

/// A hash that tells texts of one process apart, at several bytes a cycle. Not for what is kept
/// over a restart, and not against somebody who looks for collisions.
std::uint64_t content_hash(std::string_view text);

}  // namespace gcstreamd
