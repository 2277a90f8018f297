#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gcstreamd/core/secret.hpp"
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
  std::string body;         ///< bounded by the client
};

/// `Retry-After` in seconds (RFC 9110, 10.2.3); other forms and absence are empty.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value);

}  // namespace gcstreamd
