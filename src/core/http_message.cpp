#include "gcstreamd/core/http_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "gcstreamd/core/http_date.hpp"

namespace gcstreamd {
namespace {

using std::chrono::seconds;

constexpr seconds kLongest = std::chrono::hours{24};

/// Digits of any length.
std::optional<seconds> parse_seconds(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::all_of(text.begin(), text.end(), digit))
    return std::nullopt;
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc{} ? std::min(seconds{value}, kLongest) : kLongest;
}

}  // namespace

std::optional<seconds> parse_retry_after(std::string_view value, std::string_view date,
                                         WallTime now) {
  if (const auto wait = parse_seconds(value))
    return wait;
  const auto when = parse_http_date(value, now);
  if (!when)
    return std::nullopt;
  const WallTime answered = parse_http_date(date, now).value_or(now);
  return std::clamp(std::chrono::ceil<seconds>(*when - answered), seconds{0}, kLongest);
}

std::string status_words(int status, std::string_view location) {
  constexpr std::size_t kLongestName = 253;  // of DNS
  constexpr int kRedirect = 300;
  constexpr int kClientError = 400;
  if (status < kRedirect || status >= kClientError || location.empty())
    return fmt::format("HTTP {}", status);
  const auto target = parse_url(location);
  const bool named = target && target->host.size() <= kLongestName;
  const std::string where = named ? " to " + target->host : std::string();
  return fmt::format("HTTP {}, a redirect{} that is not followed", status, where);
}

}  // namespace gcstreamd
