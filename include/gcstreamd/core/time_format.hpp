#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// RFC 3339 in UTC with microseconds: `2026-11-23T18:44:55.123456Z`.
std::string format_time(WallTime time);

/// Parses an RFC 3339 date-time with any offset; fractions beyond microseconds are cut off.
/// Empty when the text is anything else.
std::optional<WallTime> parse_time(std::string_view text);

}  // namespace gcstreamd
