// The two protocols that the simulator speaks, one at a time. Values and pure functions.
#pragma once

#include <array>
#include <string_view>

namespace gcstream_sim {

enum class Protocol { analytics_stream, notifications };

inline constexpr std::array<std::string_view, 2> kProtocolNames{"analytics-stream",
                                                                "notifications"};

constexpr std::string_view name_of(Protocol protocol) {
  return kProtocolNames[static_cast<std::size_t>(protocol)];
}

}  // namespace gcstream_sim
