#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gcstreamd {

/// Where on the way an attempt or a connection failed.
enum class Stage { oauth, dns, connect, tls, upgrade, subscribe, stream, sink };

/// What kind of number `Fault::code` holds.
enum class FaultKind {
  http_status,  ///< `code` is the HTTP status of a refusal
  close_code,   ///< `code` is the WebSocket close code (RFC 6455, 7.4)
  tls,          ///< certificate or handshake; `code` is OpenSSL's verify result or 0
  system,       ///< `code` is an errno
  timeout,      ///< a stage or the idle link took longer than configured
  protocol,     ///< the peer broke a protocol; `code` is 0
  cancelled,    ///< we ended it ourselves; never shown as an error
};

/// What to do about a fault. Unknown faults are `retry`.
enum class Disposition {
  retry,          ///< reconnect under the backoff
  refresh_token,  ///< discard the token, then reconnect under the backoff
  resubscribe,    ///< reconnect at once from the position
  fatal,          ///< refused for good: the stream machine counts these before it gives up
};

/// One failure, told once, without secrets.
struct Fault {
  Fault() = default;
  Fault(Stage where, FaultKind what_kind, int number, std::string words)
      : stage(where), kind(what_kind), code(number), what(std::move(words)) {}

  Stage stage = Stage::stream;
  FaultKind kind = FaultKind::protocol;
  int code = 0;
  std::string what;                                 ///< one line for people
  std::optional<std::chrono::seconds> retry_after;  ///< the server's own wish
};

/// A value or the fault that prevented it.
template <class T>
using Outcome = boost::system::result<T, Fault>;

[[noreturn]] void throw_exception_from_error(const Fault& fault, const boost::source_location& at);

/// The one table of faults: what to do, and what a person should do next ("" where nothing helps).
Disposition disposition(const Fault& fault);
std::string_view hint(const Fault& fault);

std::string_view name(Stage stage);
/// The fault as a short word or two for records and metrics: `http_503`, `close_1001`, `tls`.
std::string cause_of(const Fault& fault);
/// The errno's symbolic name ("ENOSPC"), or "" where the C library knows none.
std::string_view errno_name(int number);
/// "No space left on device (ENOSPC)".
std::string describe_errno(int number);

}  // namespace gcstreamd
