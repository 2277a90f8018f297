#include "gcstreamd/core/http_message.hpp"

#include <charconv>

namespace gcstreamd {

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value) {
  constexpr unsigned kDay = 86400;
  unsigned seconds = 0;
  const auto* end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, seconds);
  if (parsed.ec != std::errc{} || parsed.ptr != end || seconds > kDay)
    return std::nullopt;
  return std::chrono::seconds{seconds};
}

}  // namespace gcstreamd
