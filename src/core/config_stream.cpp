#include "config_context.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <boost/algorithm/string/predicate.hpp>
#include <set>

#include "gcstreamd/core/analytics_types.hpp"
#include "gcstreamd/core/region.hpp"
#include "gcstreamd/core/text.hpp"
#include "gcstreamd/core/url.hpp"

namespace gcstreamd {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string read_url(ObjectReader& in, std::string_view key, std::string fallback,
                     std::string_view scheme) {
  std::string text = in.text(key, std::move(fallback));
  if (!in.has(key))
    return text;
  const auto url = parse_url(text);
  const std::string plain(scheme == "wss" ? "ws" : "http");
  const std::string allowed = fmt::format(
      "a full {}:// URL without user information ({}:// for a loopback host only)", scheme, plain);
  const auto has_scheme = [&](std::string_view wanted) {
    return boost::algorithm::istarts_with(text, fmt::format("{}://", wanted));
  };
  const bool secure = has_scheme(scheme);
  if (!url || (!secure && !has_scheme(plain)))
    in.fail(key, "not such a URL", allowed);
  else if (url->target.find("access_token=") != std::string::npos)
    in.fail(key, "a token in the configuration itself",
            "the URL alone: the token is fetched and added");
  else if (!secure && !url->loopback())
    in.fail(key, "unencrypted to a host that is not loopback", allowed);
  return text;
}

void read_region(ObjectReader& in, StreamConfig& stream) {
  stream.region = in.required_text("region");
  std::vector<std::string_view> names;
  for (const Region& region : regions())
    names.push_back(region.name);
  auto domain = domain_of(stream.region);
  const auto mistaken = region_mistaken_for_domain(stream.region);
  const bool given = in.is_text("region");
  const bool usable = domain && domain->find_first_of("/?#@") == std::string::npos &&
                      parse_url("https://login." + *domain + "/");
  if (given && mistaken)
    in.fail("region", "there is no such domain", fmt::format("the region's name \"{}\"", *mistaken),
            *mistaken);
  else if (given && !usable)
    in.fail("region", fmt::format("unknown region {}", json_string(stream.region)),
            join(names, ", ") + ", or a domain", nearest(stream.region, names));
  const std::string d = usable ? *domain : "invalid";
  in.object("endpoints", [&](ObjectReader& endpoints) {
    EndpointsConfig& urls = stream.endpoints;
    urls.oauth_url =
        read_url(endpoints, "oauth_url", "https://login." + d + "/oauth/token", "https");
    if (stream.protocol == ProtocolKind::analytics_stream)
      urls.stream_url = read_url(endpoints, "stream_url",
                                 "wss://api." + d + "/api/v2/analytics/events/stream", "wss");
    else if (endpoints.raw("stream_url"))
      endpoints.fail("stream_url", "only for the protocol analytics-stream",
                     "leave it out: the service names each channel's address itself");
    urls.api_url = read_url(endpoints, "api_url", "https://api." + d, "https");
  });
}

void read_tls(ObjectReader& in, const Context& context, TlsConfig& tls) {
  constexpr auto kVersions = std::to_array<std::string_view>({"1.2", "1.3"});
  tls.ca_file = in.text("ca_file");
  tls.min_version = in.choice("min_version", kVersions, "1.2");
  tls.client_cert_file = in.text("client_cert_file");
  tls.client_key_file = in.text("client_key_file");
  if (tls.client_cert_file.empty() != tls.client_key_file.empty())
    in.fail(tls.client_cert_file.empty() ? "client_cert_file" : "client_key_file", "missing",
            "client_cert_file and client_key_file together");
  const std::pair<std::string_view, std::string> files[] = {
      {"ca_file", tls.ca_file},
      {"client_cert_file", tls.client_cert_file},
      {"client_key_file", tls.client_key_file}};
  bool readable = true;
  for (const auto& [key, path] : files)
    if (!path.empty() && !context.inputs.read_file(path)) {
      in.fail(key, path + ": cannot be read", "a readable PEM file");
      readable = false;
    }
  if (const std::string fault = readable ? context.inputs.tls_fault(tls) : ""; !fault.empty())
    in.fail(fault.starts_with("tls.client_cert_file")  ? "client_cert_file"
            : fault.starts_with("tls.client_key_file") ? "client_key_file"
                                                       : "ca_file",
            fault, "PEM files with whole certificates, and the key that belongs to the first");
}

void read_reconnect(ObjectReader& in, ReconnectConfig& reconnect) {
  constexpr auto kJitter = std::to_array<std::string_view>({"equal", "none"});
  reconnect.backoff.base = milliseconds(in.integer("base_delay_ms", 1, kDayMs, 1000));
  reconnect.backoff.max = milliseconds(in.integer("max_delay_ms", 1, kDayMs, 60000));
  reconnect.max_attempts = static_cast<unsigned>(in.integer("max_attempts", 0, 1000000, 10));
  reconnect.backoff.jitter =
      in.choice("jitter", kJitter, "equal") == "none" ? Jitter::none : Jitter::equal;
  reconnect.stable_after = seconds(in.integer("stable_after_s", 1, kDay, 60));
}

void read_integrity(ObjectReader& in, IntegrityConfig& integrity) {
  constexpr auto kOnGap = std::to_array<std::string_view>({"resume", "record"});
  integrity.on_gap = in.choice("on_gap", kOnGap, "resume") == "record"
                         ? IntegrityConfig::OnGap::record
                         : IntegrityConfig::OnGap::resume;
  integrity.gap_threshold = static_cast<std::uint64_t>(
      in.integer("gap_threshold", 1, static_cast<std::int64_t>(kMaxNumber), 1));
  integrity.max_resumes_per_minute =
      static_cast<unsigned>(in.integer("max_resumes_per_minute", 0, 600, 6));
  constexpr auto kOnStale = std::to_array<std::string_view>({"stop", "restart_at_tip"});
  if (in.choice("on_stale_position", kOnStale, "stop") == "restart_at_tip")
    integrity.on_stale_position = IntegrityConfig::OnStalePosition::restart_at_tip;
}

void read_buffer_size(ObjectReader& in, Context& context, StreamConfig& stream) {
  constexpr std::int64_t kWide = 1000000000;
  const auto asked = in.integer("buffer_size", -kWide, kWide, 100);
  const auto size = std::clamp<std::int64_t>(asked, kMinBufferSize, kMaxBufferSize);
  stream.buffer_size = static_cast<unsigned>(size);
  if (asked != size)
    context.result.warnings.push_back(fmt::format("{}: {} is outside {} to {}: {} is used",
                                                  in.at("buffer_size"), asked, kMinBufferSize,
                                                  kMaxBufferSize, size));
}

void read_start_at(ObjectReader& in, StreamConfig& stream) {
  const json* value = in.raw("start_at");
  if (!value || *value == "tip")
    return;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() <= kMaxNumber)
    stream.start_at = value->get<std::uint64_t>();
  else
    in.fail("start_at", "not a place to start", "\"tip\", or a number from 0 to resume after");
}

void read_protocol(ObjectReader& in, StreamConfig& stream) {
  constexpr auto kProtocols =
      std::to_array<std::string_view>({"analytics-stream", "notifications"});
  if (in.choice("protocol", kProtocols, "analytics-stream") == "notifications")
    stream.protocol = ProtocolKind::notifications;
}

void read_subscription(ObjectReader& in, Context& context, StreamConfig& stream) {
  constexpr auto kTokenIn = std::to_array<std::string_view>({"query", "header"});
  stream.token_in = in.choice("token_in", kTokenIn, "query") == "header"
                        ? StreamConfig::TokenIn::header
                        : StreamConfig::TokenIn::query;
  stream.event_types = in.texts("event_types");
  check_event_types(in, stream.event_types, kEventTypes);
  const json* types = in.raw("event_types");
  if (!types || *types == json::array())
    in.fail("event_types", types ? "empty" : "missing",
            "at least one of " + join(kEventTypes, ", "));
  read_buffer_size(in, context, stream);
  read_start_at(in, stream);
  in.object("integrity", [&](ObjectReader& keys) { read_integrity(keys, stream.integrity); });
}

/// Numbers are our own, from 1 on: there is no position that a server could be asked for.
void refuse_subscription(ObjectReader& in, StreamConfig& stream) {
  for (std::string_view key : {"token_in", "event_types", "buffer_size", "start_at", "integrity"})
    if (in.raw(key))
      in.fail(key, "only for the protocol analytics-stream", "leave it out");
  stream.start_at = kNoNumber;
}

void check_sinks(ObjectReader& in, Context& context, const StreamConfig& stream) {
  std::set<std::string> names;
  bool audited = false;
  for (std::size_t i = 0; i < stream.sinks.size(); ++i) {
    const SinkConfig& sink = stream.sinks[i];
    audited = audited || sink.type == "audit";
    if (stream.protocol == ProtocolKind::notifications && !sink.redact.empty())
      in.fail_below(fmt::format("sinks/{}/redact", i),
                    "not for the protocol notifications: its events are known again by what a "
                    "sink holds of them",
                    "leave it out");
    if (!names.insert(sink.name).second)
      in.fail_below(fmt::format("sinks/{}/name", i),
                    fmt::format("another sink is named {}", json_string(sink.name)),
                    "a name of its own for each sink");
  }
  if (!audited)
    context.result.warnings.push_back(
        fmt::format("{}: none is an audit sink: losses are told in the log alone", in.at("sinks")));
}

void read_connection_keys(ObjectReader& in, Context& context, StreamConfig& stream) {
  in.object("tls", [&](ObjectReader& tls) { read_tls(tls, context, stream.tls); });
  in.object("reconnect", [&](ObjectReader& keys) { read_reconnect(keys, stream.reconnect); });
  stream.connect_timeout = seconds(in.integer("connect_timeout_s", 1, 3600, 10));
  in.object("liveness", [&](ObjectReader& liveness) {
    stream.idle_timeout = seconds(liveness.integer("idle_timeout_s", 1, kDay, 40));
  });
  in.object("limits", [&](ObjectReader& limits) {
    constexpr std::int64_t kMaxFrame = 1 << 30;
    stream.max_frame_bytes =
        static_cast<std::size_t>(limits.integer("max_frame_bytes", 1024, kMaxFrame, 16777216));
  });
  read_proxy(in, context, stream);
}

}  // namespace

StreamConfig read_stream(ObjectReader& in, Context& context) {
  StreamConfig stream;
  stream.name = read_name(in, {});
  read_protocol(in, stream);
  read_region(in, stream);
  in.object("oauth", [&](ObjectReader& oauth) { read_oauth(oauth, context, stream); });
  if (stream.protocol == ProtocolKind::analytics_stream)
    read_subscription(in, context, stream);
  else
    refuse_subscription(in, stream);
  read_notifications(in, stream);
  read_connection_keys(in, context, stream);
  in.objects("sinks",
             [&](ObjectReader& sink) { stream.sinks.push_back(read_sink(sink, context, stream)); });
  check_sinks(in, context, stream);
  return stream;
}

}  // namespace gcstreamd
