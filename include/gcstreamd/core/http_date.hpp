#pragma once

#include <optional>
#include <string_view>

#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// HTTP's time stamps (RFC 9110, 5.6.7): IMF-fixdate, and the obsolete forms of RFC 850 and
/// asctime. `now` tells the century of RFC 850's two-digit years. Empty for anything else.
std::optional<WallTime> parse_http_date(std::string_view text, WallTime now);

}  // namespace gcstreamd
