#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gcstreamd {

/// Where on the way an attempt or a connection failed.
enum class Stage { oauth, dns, connect, proxy, tls, upgrade, subscribe, stream, sink };

/// What kind of number `Fault::code` holds.
enum class FaultKind {
  http_status,  ///< `code` is the HTTP status of a refusal
  close_code,   ///< `code` is the WebSocket close code (RFC 6455, 7.4)
  tls,          ///< certificate, handshake or alert; `code` is a TlsProblem
  system,     ///< `code` is an errno; at Stage::dns netdb.h's h_errno; 0: a local file or variable
  timeout,    ///< a stage or the idle link took longer than configured
  protocol,   ///< the peer broke a protocol; `code` is 0
  cancelled,  ///< we ended it ourselves; never shown as an error
};

/// What is wrong with a TLS connection, the server's certificate or our own.
enum class TlsProblem {
  other,
  certificate_expired,
  not_yet_valid,
  wrong_host,
  self_signed,
  unknown_issuer,
  wrong_purpose,
  weak,  ///< key, digest or group under security level 2
  revoked,
  untrusted,
  protocol_version,
  no_shared_cipher,
  client_certificate,  ///< the server wants one, or does not take ours
  cut_off,             ///< ended in the middle of the handshake
  not_tls,             ///< what answers speaks something else
  local_file,          ///< a file of ours cannot be used
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
  Fault(Stage where, TlsProblem problem, std::string words)
      : Fault(where, FaultKind::tls, static_cast<int>(problem), std::move(words)) {}

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

/// One row of the table: faults of this kind whose code lies in [low, high], at this stage (or at
/// any).
struct FaultRow {
  std::optional<Stage> stage;
  FaultKind kind;
  int low;
  int high;
  Disposition disposition;
  std::string_view hint;
};

/// The one table of faults. First match wins; what no row names is `retry` without a hint.
std::span<const FaultRow> fault_table();

/// What to do, and what a person should do next ("" where nothing helps).
Disposition disposition(const Fault& fault);
std::string_view hint(const Fault& fault);

std::string_view name(Stage stage);
/// `certificate_expired`; "" for `other`.
std::string_view name(TlsProblem problem);
/// The fault as a short word or two for records and metrics: `upgrade_http_503`, `close_1001`,
/// `tls_wrong_host`.
std::string cause_of(const Fault& fault);
/// The errno's symbolic name ("ENOSPC"), or "" where the C library knows none.
std::string_view errno_name(int number);
/// "No space left on device (ENOSPC)".
std::string describe_errno(int number);

}  // namespace gcstreamd
