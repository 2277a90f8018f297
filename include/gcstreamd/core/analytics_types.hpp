#pragma once

#include <array>
#include <string_view>

namespace gcstreamd {

/// The event types of the `analytics-stream` protocol (source: the tutorial).
inline constexpr auto kEventTypes = std::to_array<std::string_view>({
    "routing:queue:member",
    "interaction:conversation",
    "interaction:media",
    "interaction:participant",
    "interaction:annotation",
});

inline constexpr unsigned kMinBufferSize = 1;
inline constexpr unsigned kMaxBufferSize = 500;

}  // namespace gcstreamd
