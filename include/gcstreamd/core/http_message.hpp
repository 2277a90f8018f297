#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gcstreamd/core/secret.hpp"
#include "gcstreamd/core/types.hpp"
#include "gcstreamd/core/url.hpp"

namespace gcstreamd {

/// One HTTP request; header values and body may be secrets, so all of them are.
struct HttpRequest {
  HttpRequest() = default;

  std::string method = "GET";
  Url url;
  std::vector<std::pair<std::string, Secret>> headers;
  Secret body;
};

struct HttpResponse {
  HttpResponse() = default;

  int status = 0;
  std::string retry_after;  ///< the header as it came, or ""
  std::string date;         ///< the same
  std::string location;     ///< the same; only ever shown by its host
  std::string body;         ///< bounded by the client
};

/// How long `Retry-After` (RFC 9110, 10.2.3), in seconds or as a date, asks to wait: a day at most,
/// 0 for a time that is over. A date counts from the answer's own `Date`, else from `now`. Empty
/// where it is neither.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, std::string_view date,
                                                      WallTime now);

/// "HTTP 302, a redirect to HOST that is not followed", or the status alone.
std::string status_words(int status, std::string_view location);

}  // namespace gcstreamd
