#include "gcstreamd/core/errors.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace gcstreamd {
namespace {

constexpr int kAny = std::numeric_limits<int>::max();

constexpr std::string_view kCredentialsHint =
    "check oauth.client_id, the client secret, oauth.client_auth and oauth.scopes, and that the "
    "OAuth client uses the Client Credentials grant in this region";
constexpr std::string_view kNotATokenHint =
    "the answer is not a token: check endpoints.oauth_url and proxies on the way";
constexpr std::string_view kTokenHint =
    "the token was refused (expired, or without scope analytics:stream:read): a new one is fetched";
constexpr std::string_view kEntitlementHint =
    "the org lacks the entitlement or the OAuth client lacks analytics:events:read: grant it, "
    "and the stream comes up by itself";
constexpr std::string_view kRateHint =
    "the server limits the rate: raise reconnect.base_delay_ms, and stop other clients with this "
    "client id";
constexpr std::string_view kServerHint =
    "the server is failing: nothing to do here, the stream retries; see the vendor's status page";
constexpr std::string_view kProxyHint =
    "a proxy on the way wants credentials: name it by the key proxy, or have this host exempted "
    "from it";
constexpr std::string_view kProxyCredentialsHint =
    "put the proxy's user and password into proxy, http://user:password@host:port with both "
    "percent-encoded, or have this machine exempted there";
constexpr std::string_view kNotAProxyHint =
    "what answers is no HTTP proxy that takes CONNECT: check host and port in proxy";
constexpr std::string_view kNoWayToProxyHint =
    "no way to the proxy, or it hangs up: check proxy (or $HTTPS_PROXY), that the proxy runs, and "
    "firewalls and DNS on the way to it";
constexpr std::string_view kNotAStreamHint =
    "what answers is not an event stream: check endpoints.stream_url and proxies on the way";
constexpr std::string_view kSubscriptionHint =
    "the server does not take the subscription: check event_types and buffer_size";
constexpr std::string_view kIdleHint =
    "the connection ended without a close frame: look for proxies or firewalls with idle timeouts "
    "under 30 s on the way";
constexpr std::string_view kNameHint =
    "the name has no address: check region, endpoints and this machine's DNS";
constexpr std::string_view kNameServerHint =
    "the name server does not answer: check this machine's DNS (/etc/resolv.conf) and network";
constexpr std::string_view kRouteHint =
    "no way leads there: check this machine's network, routes and VPN";
constexpr std::string_view kForbiddenHint =
    "this machine forbids the connection: check its firewall and the unit's IPAddressDeny= and "
    "RestrictAddressFamilies=";
constexpr std::string_view kDescriptorHint =
    "too few file descriptors: raise the unit's LimitNOFILE=";
constexpr std::string_view kNoTcpHint = "no answer to TCP: check firewalls and connect_timeout_s";
constexpr std::string_view kCaHint =
    "if that authority is your own or a proxy's, put its certificate into tls.ca_file";

using enum Disposition;
using Kind = FaultKind;

constexpr FaultRow tls(TlsProblem problem, std::string_view hint) {
  const int code = static_cast<int>(problem);
  return {std::nullopt, Kind::tls, code, code, retry, hint};
}

constexpr FaultRow closed(int code, Disposition what, std::string_view hint) {
  return {std::nullopt, Kind::close_code, code, code, what, hint};
}

constexpr FaultRow connect(int code, std::string_view hint) {
  return {Stage::connect, Kind::system, code, code, retry, hint};
}

constexpr auto kTable = std::to_array<FaultRow>({
    {Stage::proxy, Kind::http_status, 403, 403, retry,
     "the proxy forbids the way there: have the host and port allowed in its rules, or exempt the "
     "host: by $NO_PROXY where $HTTPS_PROXY names the proxy, by proxy: null where the key does"},
    {Stage::proxy, Kind::http_status, 401, 401, retry, kProxyCredentialsHint},
    {Stage::proxy, Kind::http_status, 407, 407, retry, kProxyCredentialsHint},
    {Stage::proxy, Kind::http_status, 500, 599, retry,
     "the proxy does not get through to the host: check the proxy's own DNS, routes and log"},
    {Stage::proxy, Kind::protocol, 0, kAny, retry, kNotAProxyHint},
    {Stage::proxy, Kind::system, ENETUNREACH, ENETUNREACH, retry, kRouteHint},
    {Stage::proxy, Kind::system, EHOSTUNREACH, EHOSTUNREACH, retry, kRouteHint},
    {Stage::proxy, Kind::system, EACCES, EACCES, retry, kForbiddenHint},
    {Stage::proxy, Kind::system, EPERM, EPERM, retry, kForbiddenHint},
    {Stage::proxy, Kind::system, EMFILE, EMFILE, retry, kDescriptorHint},
    {Stage::proxy, Kind::system, ENFILE, ENFILE, retry, kDescriptorHint},
    {Stage::proxy, Kind::system, 0, kAny, retry, kNoWayToProxyHint},
    {Stage::proxy, Kind::timeout, 0, kAny, retry, kNoWayToProxyHint},

    {std::nullopt, Kind::http_status, 407, 407, retry, kProxyHint},
    {std::nullopt, Kind::http_status, 429, 429, retry, kRateHint},
    {std::nullopt, Kind::http_status, 500, 599, retry, kServerHint},
    {Stage::proxy, Kind::http_status, 300, 499, retry, kNotAProxyHint},

    {Stage::oauth, Kind::http_status, 100, 299, retry, kNotATokenHint},
    {Stage::oauth, Kind::http_status, 300, 399, retry,
     "redirects are not followed, so that credentials are sent nowhere else: set "
     "endpoints.oauth_url to the token endpoint itself"},
    {Stage::oauth, Kind::http_status, 400, 401, fatal, kCredentialsHint},
    {Stage::oauth, Kind::http_status, 403, 403, fatal,
     "the OAuth client may not have a token: check its roles and scopes"},
    {Stage::oauth, Kind::http_status, 404, 404, retry,
     "no token endpoint there: check region and endpoints.oauth_url"},
    {Stage::oauth, Kind::http_status, 402, 499, retry,
     "the token endpoint does not take the request: check endpoints.oauth_url and "
     "oauth.client_auth"},
    {Stage::oauth, Kind::protocol, 0, kAny, retry, kNotATokenHint},
    {Stage::oauth, Kind::system, 0, 0, retry,
     "mend the client secret's file or variable: it is read again at the next attempt"},
    {Stage::oauth, Kind::system, 1, kAny, retry,
     "the connection broke before the token came: look for firewalls and proxies on the way"},
    {Stage::oauth, Kind::timeout, 0, kAny, retry,
     "the token endpoint does not answer in time: check endpoints.oauth_url, connect_timeout_s and "
     "proxies on the way"},

    {Stage::dns, Kind::system, 2, 2, retry, kNameServerHint},
    {Stage::dns, Kind::system, EAGAIN, EAGAIN, retry,
     "no thread is left to look the name up: raise the unit's TasksMax="},
    {Stage::dns, Kind::system, 0, kAny, retry, kNameHint},
    {Stage::dns, Kind::timeout, 0, kAny, retry, kNameServerHint},

    connect(ECONNREFUSED,
            "nothing listens there: check the endpoint's host and port, and firewalls on the way"),
    connect(ENETUNREACH, kRouteHint),
    connect(EHOSTUNREACH, kRouteHint),
    connect(ENETDOWN, kRouteHint),
    connect(EADDRNOTAVAIL, kRouteHint),
    connect(EAFNOSUPPORT, kForbiddenHint),
    connect(EACCES, kForbiddenHint),
    connect(EPERM, kForbiddenHint),
    connect(EMFILE, kDescriptorHint),
    connect(ENFILE, kDescriptorHint),
    connect(ETIMEDOUT, kNoTcpHint),
    {Stage::connect, Kind::system, 0, kAny, retry,
     "check the endpoint's host and port, and firewalls on the way"},
    {Stage::connect, Kind::timeout, 0, kAny, retry, kNoTcpHint},

    {Stage::stream, Kind::tls, 0, 0, retry,
     "TLS broke on an open connection: look for proxies on the way that change what passes"},
    tls(TlsProblem::certificate_expired,
        "the server's operator must renew the certificate; check this machine's clock too"),
    tls(TlsProblem::not_yet_valid, "check this machine's clock, then the server's certificate"),
    tls(TlsProblem::wrong_host,
        "the certificate is another host's: check region, endpoints and what DNS answers; the "
        "subject's common name does not count"),
    tls(TlsProblem::self_signed,
        "the server's certificate vouches for itself: if it is meant to, put it into tls.ca_file"),
    tls(TlsProblem::unknown_issuer, kCaHint),
    tls(TlsProblem::wrong_purpose,
        "the certificate is not meant for servers: its operator must issue one with serverAuth"),
    tls(TlsProblem::weak,
        "key or digest is too weak (RSA under 2048 bits, SHA-1): the server's operator must "
        "replace it"),
    tls(TlsProblem::revoked, "the certificate was revoked: trust nothing there, ask the operator"),
    tls(TlsProblem::untrusted,
        "check the certificate's chain with openssl s_client; a private CA belongs into "
        "tls.ca_file"),
    tls(TlsProblem::protocol_version,
        "the server does not speak tls.min_version or newer: update the server or the proxy on "
        "the way"),
    tls(TlsProblem::no_shared_cipher,
        "server and client have no cipher in common: the server's are too old, or its certificate "
        "does not fit them"),
    tls(TlsProblem::client_certificate,
        "set tls.client_cert_file and tls.client_key_file to a certificate that the server takes"),
    tls(TlsProblem::cut_off,
        "the connection ended within TLS: check the endpoint's port, and firewalls and proxies on "
        "the way"),
    tls(TlsProblem::not_tls,
        "what answers does not speak TLS: check the endpoint's port, and proxies on the way"),
    tls(TlsProblem::local_file,
        "mend the file or the key that names it: it is read again at the next attempt"),
    tls(TlsProblem::other,
        "check the certificate's name, dates and issuer; a private CA belongs into tls.ca_file"),
    {Stage::tls, Kind::timeout, 0, kAny, retry,
     "TCP was taken and TLS not answered: check the endpoint's port, the server's load, and "
     "firewalls on the way"},

    {Stage::upgrade, Kind::http_status, 300, 399, retry,
     "redirects are not followed, so that the token is sent nowhere else: set endpoints.stream_url "
     "to the stream itself"},
    {Stage::upgrade, Kind::http_status, 401, 401, refresh_token, kTokenHint},
    {Stage::upgrade, Kind::http_status, 403, 403, retry, kEntitlementHint},
    {Stage::upgrade, Kind::http_status, 404, 404, retry,
     "no stream there: check region and endpoints.stream_url"},
    {Stage::upgrade, Kind::http_status, 100, 499, retry, kNotAStreamHint},
    {Stage::upgrade, Kind::protocol, 0, kAny, retry, kNotAStreamHint},
    {Stage::upgrade, Kind::system, 0, kAny, retry,
     "the connection broke during the upgrade: look for firewalls and proxies on the way"},
    {Stage::upgrade, Kind::timeout, 0, kAny, retry,
     "the upgrade was not answered in time: check endpoints.stream_url, connect_timeout_s and "
     "proxies on the way"},

    {Stage::subscribe, Kind::http_status, 401, 401, refresh_token, kTokenHint},
    {Stage::subscribe, Kind::http_status, 403, 403, retry, kEntitlementHint},
    {Stage::subscribe, Kind::http_status, 404, 404, retry,
     "no such stream or topic: check event_types, region and endpoints.stream_url"},
    {Stage::subscribe, Kind::http_status, 400, 499, retry, kSubscriptionHint},
    {Stage::subscribe, Kind::protocol, 0, kAny, retry,
     "the server does not resume at the saved position: gcstreamd position tip --stream NAME "
     "starts at the newest event, integrity.on_stale_position does so by itself"},

    closed(1001, retry,
           "the server goes away or found the link idle: nothing to do here, the stream "
           "reconnects"),
    closed(1002, retry,
           "one side broke the WebSocket protocol: look for proxies that change messages, and "
           "report it with this record"),
    closed(1003, retry, kSubscriptionHint),
    closed(1006, retry, kIdleHint),
    closed(1007, retry,
           "a text message was not UTF-8: the server or something on the way damages messages"),
    closed(1008, retry,
           "the server refused by policy: check event_types and the OAuth client's permissions"),
    closed(1009, retry, "a message was larger than limits.max_frame_bytes: raise it"),
    closed(1010, retry, kNotAStreamHint),
    closed(1011, retry, kServerHint),
    closed(1012, retry, "the server restarts: nothing to do here, the stream reconnects"),
    closed(1013, retry,
           "the server is overloaded: the stream retries; raise reconnect.base_delay_ms if it "
           "stays so"),
    closed(1014, retry,
           "a gateway on the way got no answer from the server: check proxies on the way and the "
           "vendor's status page"),
    closed(4401, refresh_token, kTokenHint),
    closed(4403, retry, kEntitlementHint),
    closed(4429, retry, kRateHint),

    {Stage::stream, Kind::timeout, 0, kAny, retry,
     "the link went silent: look for idle timeouts under 30 s on the way"},
    {Stage::stream, Kind::system, 0, kAny, retry, kIdleHint},
});

const FaultRow* find_row(const Fault& fault) {
  for (const FaultRow& row : kTable)
    if ((!row.stage || *row.stage == fault.stage) && row.kind == fault.kind &&
        fault.code >= row.low && fault.code <= row.high)
      return &row;
  return nullptr;
}

}  // namespace

std::span<const FaultRow> fault_table() {
  return kTable;
}

void throw_exception_from_error(const Fault& fault, const boost::source_location& at) {
  throw std::logic_error(
      fmt::format("{}:{}: unchecked fault: {}", at.file_name(), at.line(), fault.what));
}

Disposition disposition(const Fault& fault) {
  const FaultRow* row = find_row(fault);
  return row ? row->disposition : retry;
}

std::string_view hint(const Fault& fault) {
  const FaultRow* row = find_row(fault);
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
    case Stage::proxy:
      return "proxy";
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

std::string_view name(TlsProblem problem) {
  switch (problem) {
    case TlsProblem::other:
      return "";
    case TlsProblem::certificate_expired:
      return "certificate_expired";
    case TlsProblem::not_yet_valid:
      return "not_yet_valid";
    case TlsProblem::wrong_host:
      return "wrong_host";
    case TlsProblem::self_signed:
      return "self_signed";
    case TlsProblem::unknown_issuer:
      return "unknown_issuer";
    case TlsProblem::wrong_purpose:
      return "wrong_purpose";
    case TlsProblem::weak:
      return "weak";
    case TlsProblem::revoked:
      return "revoked";
    case TlsProblem::untrusted:
      return "untrusted";
    case TlsProblem::protocol_version:
      return "protocol_version";
    case TlsProblem::no_shared_cipher:
      return "no_shared_cipher";
    case TlsProblem::client_certificate:
      return "client_certificate";
    case TlsProblem::cut_off:
      return "cut_off";
    case TlsProblem::not_tls:
      return "not_tls";
    case TlsProblem::local_file:
      return "local_file";
  }
  return "";
}

std::string cause_of(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::http_status:
      return fmt::format("{}_http_{}", name(fault.stage), fault.code);
    case FaultKind::close_code:
      return fmt::format("close_{}", fault.code);
    case FaultKind::tls: {
      const std::string_view problem = name(static_cast<TlsProblem>(fault.code));
      return problem.empty() ? "tls" : fmt::format("tls_{}", problem);
    }
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
