#include <fmt/format.h>

#include "config_json.hpp"

namespace gcstreamd {
namespace {

using json = nlohmann::ordered_json;

json print_rotate(const RotateConfig& rotate) {
  using Compress = RotateConfig::Compress;
  return {{"max_bytes", rotate.max_bytes},
          {"max_age_s", rotate.max_age.count()},
          {"keep", rotate.keep},
          {"max_total_bytes", rotate.max_total_bytes},
          {"compress", rotate.compress == Compress::gzip   ? "gzip"
                       : rotate.compress == Compress::zstd ? "zstd"
                                                           : "none"}};
}

std::string_view name_of(RedactRule::Action action) {
  switch (action) {
    case RedactRule::Action::remove:
      return "remove";
    case RedactRule::Action::mask:
      return "mask";
    case RedactRule::Action::hmac:
      return "hmac";
  }
  return "";
}

json print_redact(const std::vector<RedactRule>& rules) {
  json out = json::array();
  for (const RedactRule& rule : rules) {
    out.push_back({{"pointer", rule.pointer}, {"action", name_of(rule.action)}});
    if (!rule.key_file.empty())
      out.back()["key_file"] = rule.key_file;
  }
  return out;
}

json print_sink(const SinkConfig& sink) {
  json out{{"type", sink.type}, {"name", sink.name}, {"required", sink.required}};
  if (!sink.event_types.empty())
    out["event_types"] = sink.event_types;
  if (!sink.redact.empty())
    out["redact"] = print_redact(sink.redact);
  out["retry"] = {{"base_delay_ms", sink.retry.base.count()},
                  {"max_delay_ms", sink.retry.max.count()}};
  if (sink.type == "stdout")
    return out;
  out["path"] = sink.path;
  out["fsync"] = sink.sync == SinkConfig::Sync::batch   ? "batch"
                 : sink.sync == SinkConfig::Sync::never ? "never"
                                                        : "interval";
  out["fsync_interval_ms"] = sink.sync_interval.count();
  out["mode"] = fmt::format("{:04o}", sink.mode);
  out["rotate"] = print_rotate(sink.rotate);
  if (sink.type == "audit")
    out["chain"] = sink.chain;
  if (sink.seal)
    out["seal"] = {{"interval_s", sink.seal->interval.count()}, {"key_file", sink.seal->key_file}};
  return out;
}

json print_oauth(const OAuthConfig& oauth) {
  json out{{"client_id", oauth.client_id}, {"client_secret", "********"}};
  if (oauth.client_secret.kind == SecretSource::Kind::file)
    out["client_secret_file"] = oauth.client_secret.where;
  out["client_auth"] = oauth.client_auth == OAuthConfig::ClientAuth::basic ? "basic" : "post";
  out["scopes"] = oauth.scopes;
  out["refresh_margin_s"] = oauth.refresh_margin.count();
  return out;
}

json print_tls(const TlsConfig& tls) {
  json out{{"min_version", tls.min_version}};
  if (!tls.ca_file.empty())
    out["ca_file"] = tls.ca_file;
  if (!tls.client_cert_file.empty())
    out["client_cert_file"] = tls.client_cert_file;
  if (!tls.client_key_file.empty())
    out["client_key_file"] = tls.client_key_file;
  return out;
}

json print_reconnect(const ReconnectConfig& reconnect) {
  return {{"base_delay_ms", reconnect.backoff.base.count()},
          {"max_delay_ms", reconnect.backoff.max.count()},
          {"max_attempts", reconnect.max_attempts},
          {"jitter", reconnect.backoff.jitter == Jitter::none ? "none" : "equal"},
          {"stable_after_s", reconnect.stable_after.count()}};
}

json print_integrity(const IntegrityConfig& integrity) {
  using OnStale = IntegrityConfig::OnStalePosition;
  return {{"on_gap", integrity.on_gap == IntegrityConfig::OnGap::record ? "record" : "resume"},
          {"on_stale_position",
           integrity.on_stale_position == OnStale::stop ? "stop" : "restart_at_tip"},
          {"gap_threshold", integrity.gap_threshold},
          {"max_resumes_per_minute", integrity.max_resumes_per_minute}};
}

json print_metrics(const MetricsConfig& metrics) {
  json listen;
  if (!metrics.listen.empty())
    listen = metrics.listen;
  return {{"interval_s", metrics.interval.count()}, {"listen", listen}};
}

json print_endpoints(const StreamConfig& stream) {
  json out{{"oauth_url", stream.endpoints.oauth_url}};
  if (stream.protocol == ProtocolKind::analytics_stream)
    out["stream_url"] = stream.endpoints.stream_url;
  out["api_url"] = stream.endpoints.api_url;
  return out;
}

void print_subscription(const StreamConfig& stream, json& out) {
  out["token_in"] = stream.token_in == StreamConfig::TokenIn::header ? "header" : "query";
  out["event_types"] = stream.event_types;
  out["buffer_size"] = stream.buffer_size;
  out["start_at"] = stream.start_at ? json(*stream.start_at) : json("tip");
}

void print_notifications(const NotificationsConfig& config, json& out) {
  out["topics"] = config.topics;
  out["queues"] = config.queues;
  out["users"] = config.users;
  out["discovery_interval_s"] = config.discovery_interval.count();
  out["channels"] = {{"max_age_s", config.channel_age.count()},
                     {"renew_margin_s", config.renew_margin.count()},
                     {"overlap_ms", config.overlap.count()}};
  json delays = json::array();
  for (const auto delay : config.backfill.delays)
    delays.push_back(delay.count());
  out["backfill"] = {{"enabled", config.backfill.enabled},
                     {"delays_s", std::move(delays)},
                     {"give_up_after_s", config.backfill.give_up_after.count()},
                     {"overlap_s", config.backfill.overlap.count()},
                     {"lookback_s", config.backfill.lookback.count()}};
}

json print_stream(const StreamConfig& stream) {
  const bool notifications = stream.protocol == ProtocolKind::notifications;
  json out{{"name", stream.name},
           {"region", stream.region},
           {"protocol", notifications ? "notifications" : "analytics-stream"},
           {"endpoints", print_endpoints(stream)},
           {"oauth", print_oauth(stream.oauth)}};
  if (notifications)
    print_notifications(stream.notifications, out);
  else
    print_subscription(stream, out);
  out["tls"] = print_tls(stream.tls);
  out["proxy"] = stream.proxy.proxy ? json(masked(*stream.proxy.proxy)) : json(nullptr);
  out["reconnect"] = print_reconnect(stream.reconnect);
  out["connect_timeout_s"] = stream.connect_timeout.count();
  out["liveness"] = {{"idle_timeout_s", stream.idle_timeout.count()}};
  if (!notifications)
    out["integrity"] = print_integrity(stream.integrity);
  out["limits"] = {{"max_frame_bytes", stream.max_frame_bytes}};
  out["sinks"] = json::array();
  for (const SinkConfig& sink : stream.sinks)
    out["sinks"].push_back(print_sink(sink));
  return out;
}

}  // namespace

nlohmann::ordered_json config_json(const Config& config) {
  json streams = json::array();
  for (const StreamConfig& stream : config.streams)
    streams.push_back(print_stream(stream));
  return {{"state_dir", config.state_dir.string()},
          {"shutdown_timeout_s", config.shutdown_timeout.count()},
          {"log", {{"level", config.log.level}, {"target", config.log.target}}},
          {"metrics", print_metrics(config.metrics)},
          {"max_connections_per_org", config.max_connections_per_org},
          {"max_requests_per_minute", config.max_requests_per_minute},
          {"streams", std::move(streams)}};
}

std::string config_text(const nlohmann::ordered_json& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

std::string print_config(const Config& config) {
  return config_text(config_json(config), 2) + '\n';
}

}  // namespace gcstreamd
