#include "gcstreamd/core/errors.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace gcstreamd {
namespace {

constexpr int kAny = std::numeric_limits<int>::max();

/// One row: faults of this kind whose code lies in [low, high], at this stage (or at any).
struct Row {
  std::optional<Stage> stage;
  FaultKind kind;
  int low;
  int high;
  Disposition disposition;
  std::string_view hint;
};

constexpr std::string_view kCredentialsHint =
    "check oauth.client_id and the client secret, and that the OAuth client uses the Client "
    "Credentials grant in this region";
constexpr std::string_view kEntitlementHint =
    "the org lacks the entitlement or the OAuth client lacks analytics:events:read: grant it, then "
    "restart";
constexpr std::string_view kRateHint =
    "the server limits the rate: raise reconnect.base_delay_ms, and stop other clients with this "
    "client id";
constexpr std::string_view kServerHint =
    "the server is failing: nothing to do here, the stream retries; see the vendor's status page";
constexpr std::string_view kIdleHint =
    "the connection ended without a close frame: look for proxies or firewalls with idle timeouts "
    "under 30 s on the way";

using enum Disposition;

/// First match wins; what no row names is `retry` without a hint.
constexpr auto kTable = std::to_array<Row>({
    {Stage::oauth, FaultKind::http_status, 400, 401, fatal, kCredentialsHint},
    {Stage::oauth, FaultKind::http_status, 403, 403, fatal,
     "the OAuth client may not have a token: check its roles and scopes"},
    {Stage::oauth, FaultKind::http_status, 404, 404, retry,
     "no token endpoint there: check region and endpoints.oauth_url"},
    {Stage::oauth, FaultKind::protocol, 0, kAny, retry,
     "the answer is not a token: check endpoints.oauth_url and proxies on the way"},
    {Stage::oauth, FaultKind::system, 0, 0, retry,
     "mend the client secret's file or variable: it is read again at the next attempt"},
    {Stage::oauth, FaultKind::system, 1, kAny, retry,
     "the answer is not what a token endpoint sends: check endpoints.oauth_url and proxies on the "
     "way"},
    {Stage::oauth, FaultKind::timeout, 0, kAny, retry,
     "the token endpoint does not answer: check endpoints.oauth_url and proxies on the way"},
    {Stage::upgrade, FaultKind::http_status, 401, 401, refresh_token,
     "the token was refused (expired, or without scope analytics:stream:read): a new one is "
     "fetched"},
    {Stage::upgrade, FaultKind::http_status, 403, 403, retry, kEntitlementHint},
    {Stage::upgrade, FaultKind::http_status, 404, 404, retry,
     "no stream there: check region and endpoints.stream_url"},
    {std::nullopt, FaultKind::http_status, 429, 429, retry, kRateHint},
    {std::nullopt, FaultKind::http_status, 500, 599, retry, kServerHint},
    {std::nullopt, FaultKind::close_code, 1006, 1006, retry, kIdleHint},
    {std::nullopt, FaultKind::close_code, 1007, 1007, retry,
     "a text message was not UTF-8: the server or something on the way damages messages"},
    {std::nullopt, FaultKind::close_code, 1008, 1008, retry,
     "the server refused by policy: check event_types and the OAuth client's permissions"},
    {std::nullopt, FaultKind::close_code, 1009, 1009, retry,
     "a message was larger than limits.max_frame_bytes: raise it"},
    {Stage::dns, FaultKind::system, 0, kAny, retry,
     "check region, endpoints and this machine's DNS"},
    {Stage::dns, FaultKind::timeout, 0, kAny, retry, "the name server does not answer: check DNS"},
    {Stage::connect, FaultKind::timeout, 0, kAny, retry,
     "no answer to TCP: check firewalls and connect_timeout_s"},
    {Stage::connect, FaultKind::system, 0, kAny, retry,
     "check the endpoint's host and port, and firewalls on the way"},
    {Stage::tls, FaultKind::tls, 0, kAny, retry,
     "check the certificate's name, dates and issuer; a private CA belongs into tls.ca_file"},
    {Stage::stream, FaultKind::timeout, 0, kAny, retry,
     "the link went silent: look for idle timeouts under 30 s on the way"},
    {Stage::stream, FaultKind::system, 0, kAny, retry, kIdleHint},
});

const Row* find_row(const Fault& fault) {
  for (const Row& row : kTable)
    if ((!row.stage || *row.stage == fault.stage) && row.kind == fault.kind &&
        fault.code >= row.low && fault.code <= row.high)
      return &row;
  return nullptr;
}

}  // namespace

void throw_exception_from_error(const Fault& fault, const boost::source_location& at) {
  throw std::logic_error(
      fmt::format("{}:{}: unchecked fault: {}", at.file_name(), at.line(), fault.what));
}

Disposition disposition(const Fault& fault) {
  const Row* row = find_row(fault);
  return row ? row->disposition : retry;
}

std::string_view hint(const Fault& fault) {
  const Row* row = find_row(fault);
  return row ? row->hint : std::string_view{};
}

std::string_view name(Stage stage) {
  switch (stage) {
    case Stage::oauth:
      return "oauth";
    case Stage::dns:
      return "dns";
    case Stage::connect:
      return "connect";
    case Stage::tls:
      return "tls";
    case Stage::upgrade:
      return "upgrade";
    case Stage::subscribe:
      return "subscribe";
    case Stage::stream:
      return "stream";
    case Stage::sink:
      return "sink";
  }
  return "";
}

std::string cause_of(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::http_status:
      return fmt::format("{}_http_{}", name(fault.stage), fault.code);
    case FaultKind::close_code:
      return fmt::format("close_{}", fault.code);
    case FaultKind::tls:
      return "tls";
    case FaultKind::timeout:
      return fmt::format("{}_timeout", name(fault.stage));
    case FaultKind::system:
    case FaultKind::protocol:
      return fmt::format("{}_error", name(fault.stage));
    case FaultKind::cancelled:
      return "cancelled";
  }
  return "";
}

std::string_view errno_name(int number) {
  const char* name = strerrorname_np(number);
  return name ? name : "";
}

std::string describe_errno(int number) {
  const char* words = strerrordesc_np(number);
  return fmt::format("{} ({})", words ? words : "unknown error", errno_name(number));
}

}  // namespace gcstreamd
