#include "gcstreamd/core/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "gcstreamd/core/analytics_types.hpp"
#include "gcstreamd/core/config_reader.hpp"
#include "gcstreamd/core/region.hpp"
#include "gcstreamd/core/text.hpp"
#include "gcstreamd/core/url.hpp"

namespace gcstreamd {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kDayMs = kDay * 1000;

/// What reading a configuration needs besides the JSON, and what it yields besides the values.
struct Context {
  const ConfigInputs& inputs;
  ConfigResult& result;

  std::string variable(std::string_view name) const {
    const auto found = inputs.environment.find(name);
    return found == inputs.environment.end() ? std::string() : found->second;
  }
};

bool valid_name(std::string_view name) {
  constexpr std::size_t kLongest = 32;
  const auto letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= kLongest && letter_or_digit(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter_or_digit(c) || c == '-'; });
}

std::string read_name(ObjectReader& in, std::string fallback) {
  const bool wanted = fallback.empty();
  std::string name = wanted ? in.required_text("name") : in.text("name", std::move(fallback));
  if (in.has("name") && !valid_name(name))
    in.fail("name", "not a name", "a letter or digit, then up to 31 of a-z, 0-9 and -");
  return name;
}

void check_event_types(ObjectReader& in, const std::vector<std::string>& types,
                       std::span<const std::string_view> allowed) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::string key = fmt::format("event_types/{}", i);
    const bool known = std::find(allowed.begin(), allowed.end(), types[i]) != allowed.end();
    if (!known)
      in.fail_below(key, fmt::format("unknown event type {}", json_string(types[i])),
                    join(allowed, ", "), nearest(types[i], allowed));
    else if (!seen.insert(types[i]).second)
      in.fail_below(key, "the event type is there twice", "each event type once");
  }
}

SinkConfig::Sync read_sync(ObjectReader& in) {
  constexpr auto kModes = std::to_array<std::string_view>({"interval", "batch", "never"});
  const std::string mode = in.choice("fsync", kModes, "interval");
  return mode == "batch"   ? SinkConfig::Sync::batch
         : mode == "never" ? SinkConfig::Sync::never
                           : SinkConfig::Sync::interval;
}

unsigned read_mode(ObjectReader& in) {
  const std::string text = in.text("mode", "0640");
  const bool octal = (text.size() == 3 || text.size() == 4) &&
                     text.find_first_not_of("01234567") == std::string::npos;
  const auto mode = octal ? static_cast<unsigned>(std::stoul(text, nullptr, 8)) : 0U;
  if ((mode & 0600U) != 0600U || mode > 0777U)
    in.fail("mode", "not a file mode",
            "a string of octal digits that lets the owner write, "
            "such as \"0640\"");
  return mode;
}

void read_file_keys(ObjectReader& in, SinkConfig& sink) {
  sink.path = in.required_text("path");
  if (in.has("path") && sink.path.empty())
    in.fail("path", "empty", "the path of a file");
  sink.sync = read_sync(in);
  sink.sync_interval = milliseconds(in.integer("fsync_interval_ms", 1, 3600000, 100));
  sink.mode = read_mode(in);
  in.unsupported("rotate");
}

SinkConfig read_sink(ObjectReader& in, const std::vector<std::string>& stream_types) {
  constexpr auto kTypes = std::to_array<std::string_view>({"stdout", "file", "audit"});
  SinkConfig sink;
  if (!in.has("type"))
    in.fail("type", "missing", join(kTypes, ", "));
  sink.type = in.choice("type", kTypes, "file");
  sink.name = read_name(in, sink.type);
  sink.required = in.boolean("required", sink.type != "stdout");
  if (sink.type == "stdout" && sink.required)
    in.fail("required", "a stdout sink cannot be required", "false");
  sink.event_types = in.texts("event_types");
  std::vector<std::string_view> allowed(stream_types.begin(), stream_types.end());
  check_event_types(in, sink.event_types, allowed);
  in.object("retry", [&](ObjectReader& retry) {
    sink.retry.base = milliseconds(retry.integer("base_delay_ms", 1, kDayMs, 1000));
    sink.retry.max = milliseconds(retry.integer("max_delay_ms", 1, kDayMs, 30000));
  });
  in.unsupported("redact");
  if (sink.type != "stdout")
    read_file_keys(in, sink);
  if (sink.type == "audit") {
    sink.chain = in.boolean("chain", true);
    in.unsupported("seal");
  }
  return sink;
}

std::string read_url(ObjectReader& in, std::string_view key, std::string fallback,
                     std::string_view scheme) {
  std::string text = in.text(key, std::move(fallback));
  if (!in.has(key))
    return text;
  const auto url = parse_url(text);
  const std::string plain(scheme == "wss" ? "ws" : "http");
  const std::string allowed = fmt::format(
      "a full {}:// URL without user information ({}:// for a loopback host only)", scheme, plain);
  const bool secure = text.starts_with(fmt::format("{}://", scheme));
  if (!url || (!secure && !text.starts_with(plain + "://")))
    in.fail(key, "not such a URL", allowed);
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
  const bool usable = domain && parse_url("https://login." + *domain + "/");
  if (in.has("region") && mistaken)
    in.fail("region", "there is no such domain", fmt::format("the region's name \"{}\"", *mistaken),
            *mistaken);
  else if (in.has("region") && !usable)
    in.fail("region", fmt::format("unknown region {}", json_string(stream.region)),
            join(names, ", ") + ", or a domain", nearest(stream.region, names));
  const std::string d = usable ? *domain : "invalid";
  in.object("endpoints", [&](ObjectReader& endpoints) {
    EndpointsConfig& urls = stream.endpoints;
    urls.oauth_url =
        read_url(endpoints, "oauth_url", "https://login." + d + "/oauth/token", "https");
    urls.stream_url = read_url(endpoints, "stream_url",
                               "wss://api." + d + "/api/v2/analytics/events/stream", "wss");
    urls.api_url = read_url(endpoints, "api_url", "https://api." + d, "https");
  });
}

/// systemd's credential for this stream, where there is one.
std::optional<std::string> credential_file(const Context& context, const std::string& stream_name) {
  const std::string directory = context.variable("CREDENTIALS_DIRECTORY");
  if (directory.empty())
    return std::nullopt;
  const std::string path = directory + '/' + stream_name + ".client_secret";
  return context.inputs.exists(path) ? std::optional(path) : std::nullopt;
}

void check_secret_file(ObjectReader& in, const Context& context, const std::string& path) {
  if (const std::string fault = context.inputs.secret_file_fault(path); !fault.empty())
    in.fail("client_secret_file", fmt::format("{}: {}", path, fault),
            "a file with the secret in it that only its owner (and group) can read");
}

void read_secret_source(ObjectReader& in, const Context& context, const std::string& stream_name,
                        SecretSource& source) {
  const std::string file = in.text("client_secret_file");
  for (std::string_view key : {"client_secret", "secret", "token", "access_token"})
    if (in.raw(key))
      in.fail(key, "no key holds a secret in the configuration itself",
              "client_secret_file, $CREDENTIALS_DIRECTORY/NAME.client_secret or "
              "$GENESYS_CLIENT_SECRET",
              "client_secret_file");
  const auto credential = credential_file(context, stream_name);
  if (!file.empty() || credential) {
    source = {SecretSource::Kind::file, file.empty() ? *credential : file};
    check_secret_file(in, context, source.where);
  } else if (!context.variable("GENESYS_CLIENT_SECRET").empty()) {
    source = {SecretSource::Kind::environment, "GENESYS_CLIENT_SECRET"};
  } else {
    in.fail("client_secret_file", "no client secret",
            "the path of a file, $CREDENTIALS_DIRECTORY/NAME.client_secret or "
            "$GENESYS_CLIENT_SECRET");
  }
}

std::string read_id_file(ObjectReader& in, const Context& context, const std::string& path) {
  auto text = context.inputs.read_file(path);
  if (!text)
    in.fail("client_id_file", path + ": cannot be read",
            "a readable file with the client id in it");
  std::string id = text.value_or("");
  if (id.ends_with('\n'))
    id.pop_back();
  return id;
}

void read_client_id(ObjectReader& in, const Context& context, OAuthConfig& oauth) {
  oauth.client_id = in.text("client_id");
  const std::string file = in.text("client_id_file");
  if (in.has("client_id") && in.has("client_id_file"))
    in.fail("client_id_file", "given beside client_id", "one of the two");
  if (!file.empty())
    oauth.client_id = read_id_file(in, context, file);
  else if (!in.has("client_id"))
    oauth.client_id = context.variable("GENESYS_CLIENT_ID");
  if (oauth.client_id.empty() && file.empty())
    in.fail("client_id", "no client id", "a string, client_id_file or $GENESYS_CLIENT_ID");
}

void read_oauth(ObjectReader& in, const Context& context, StreamConfig& stream) {
  constexpr auto kAuth = std::to_array<std::string_view>({"post", "basic"});
  OAuthConfig& oauth = stream.oauth;
  read_client_id(in, context, oauth);
  read_secret_source(in, context, stream.name, oauth.client_secret);
  oauth.client_auth = in.choice("client_auth", kAuth, "post") == "basic"
                          ? OAuthConfig::ClientAuth::basic
                          : OAuthConfig::ClientAuth::post;
  if (in.has("scopes"))
    oauth.scopes = in.texts("scopes");
  else
    oauth.scopes = {"analytics:stream:read", "analytics:events:read"};
  oauth.refresh_margin = seconds(in.integer("refresh_margin_s", 0, kDay, 60));
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
  for (std::string_view key : {"ca_file", "client_cert_file", "client_key_file"})
    if (const std::string path = in.text(key); !path.empty() && !context.inputs.read_file(path))
      in.fail(key, path + ": cannot be read", "a readable PEM file");
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
  in.unsupported("on_stale_position");
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

void read_protocol(ObjectReader& in) {
  constexpr auto kProtocols = std::to_array<std::string_view>({"analytics-stream"});
  if (in.text("protocol", "analytics-stream") == "notifications")
    in.fail("protocol", "this version of gcstreamd does not serve this protocol yet",
            "analytics-stream");
  else
    in.choice("protocol", kProtocols, "analytics-stream");
  if (in.raw("topics"))
    in.fail("topics", "only for the protocol notifications", "leave it out");
}

void check_sinks(ObjectReader& in, Context& context, const StreamConfig& stream) {
  std::set<std::string> names;
  bool audited = false;
  for (const SinkConfig& sink : stream.sinks) {
    audited = audited || sink.type == "audit";
    if (!names.insert(sink.name).second)
      in.fail("sinks", fmt::format("two sinks are named {}", json_string(sink.name)),
              "a name of its own for each sink");
  }
  if (!audited)
    context.result.warnings.push_back(
        fmt::format("{}: none is an audit sink: losses are told in the log alone", in.at("sinks")));
}

void read_connection_keys(ObjectReader& in, const Context& context, StreamConfig& stream) {
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
  in.unsupported("proxy");
}

StreamConfig read_stream(ObjectReader& in, Context& context) {
  constexpr auto kTokenIn = std::to_array<std::string_view>({"query", "header"});
  StreamConfig stream;
  stream.name = read_name(in, {});
  read_region(in, stream);
  read_protocol(in);
  in.object("oauth", [&](ObjectReader& oauth) { read_oauth(oauth, context, stream); });
  stream.token_in = in.choice("token_in", kTokenIn, "query") == "header"
                        ? StreamConfig::TokenIn::header
                        : StreamConfig::TokenIn::query;
  stream.event_types = in.texts("event_types");
  check_event_types(in, stream.event_types, kEventTypes);
  if (stream.event_types.empty())
    in.fail("event_types", in.has("event_types") ? "empty" : "missing",
            "at least one of " + join(kEventTypes, ", "));
  read_buffer_size(in, context, stream);
  read_start_at(in, stream);
  read_connection_keys(in, context, stream);
  in.object("integrity", [&](ObjectReader& keys) { read_integrity(keys, stream.integrity); });
  in.objects("sinks", [&](ObjectReader& sink) {
    stream.sinks.push_back(read_sink(sink, stream.event_types));
  });
  check_sinks(in, context, stream);
  return stream;
}

void read_log(ObjectReader& in, const Context& context, LogConfig& log) {
  constexpr auto kLevels =
      std::to_array<std::string_view>({"trace", "debug", "info", "warn", "error"});
  constexpr auto kTargets = std::to_array<std::string_view>({"journal", "stderr"});
  log.level = in.choice("level", kLevels, "info");
  const bool under_systemd = !context.variable("JOURNAL_STREAM").empty();
  log.target = in.choice("target", kTargets, under_systemd ? "journal" : "stderr");
}

void read_metrics(ObjectReader& in, Context& context, MetricsConfig& metrics) {
  metrics.interval = seconds(in.integer("interval_s", 1, kDay, 30));
  const json* listen = in.raw("listen");
  if (!listen || listen->is_null())
    return;
  if (!listen->is_string())
    in.fail("listen", "not an address", "HOST:PORT, unix:/path, or null");
  else
    context.result.warnings.push_back(
        in.at("listen") + ": this version does not serve metrics over HTTP yet: nothing listens");
}

std::string default_state_dir(const Context& context) {
  const std::string given = context.variable("STATE_DIRECTORY");
  return given.empty() ? "/var/lib/gcstreamd" : given.substr(0, given.find(':'));
}

void check_streams(ObjectReader& in, Config& config) {
  std::set<std::string> names;
  std::set<std::string> paths;
  std::map<std::string, unsigned> connections;
  for (const StreamConfig& stream : config.streams) {
    if (!names.insert(stream.name).second)
      in.fail("streams", fmt::format("two streams are named {}", json_string(stream.name)),
              "a name of its own for each stream");
    ++connections[stream.oauth.client_id];
    for (const SinkConfig& sink : stream.sinks)
      if (!sink.path.empty() &&
          !paths.insert(std::filesystem::path(sink.path).lexically_normal()).second)
        in.fail("streams", fmt::format("two sinks write to {}", json_string(sink.path)),
                "a path of its own for each sink");
  }
  for (const auto& [id, count] : connections)
    if (count > config.max_connections_per_org)
      in.fail("streams",
              fmt::format("{} connections with one client id, {} are allowed", count,
                          config.max_connections_per_org),
              "fewer streams, or adjust max_connections_per_org to your tier");
}

void read_config(ObjectReader& in, Context& context) {
  Config& config = context.result.config;
  config.state_dir = in.text("state_dir", default_state_dir(context));
  if (config.state_dir.empty())
    in.fail("state_dir", "empty", "the path of a directory");
  config.shutdown_timeout = seconds(in.integer("shutdown_timeout_s", 1, 3600, 10));
  in.object("log", [&](ObjectReader& log) { read_log(log, context, config.log); });
  in.object("metrics",
            [&](ObjectReader& metrics) { read_metrics(metrics, context, config.metrics); });
  config.max_connections_per_org =
      static_cast<unsigned>(in.integer("max_connections_per_org", 1, 10000, 10));
  in.objects("streams",
             [&](ObjectReader& stream) { config.streams.push_back(read_stream(stream, context)); });
  check_streams(in, config);
}

void apply_override(json& root, const Override& change, std::vector<ConfigError>& errors) {
  json value = json::parse(change.value, nullptr, false);
  if (value.is_discarded())
    value = change.value;
  try {
    root[json::json_pointer(change.pointer)] = std::move(value);
  } catch (const json::exception&) {
    errors.push_back({change.pointer,
                      "--set cannot reach this place",
                      "a JSON pointer to a key, such as /streams/0/buffer_size",
                      {}});
  }
}

}  // namespace

std::string to_string(const ConfigError& error) {
  std::string line = error.pointer.empty() ? "/" : error.pointer;
  line += ": " + error.what;
  if (!error.allowed.empty())
    line += "; allowed: " + error.allowed;
  if (!error.nearest.empty())
    line += "; did you mean \"" + error.nearest + "\"?";
  return line;
}

std::optional<Override> parse_override(std::string_view text) {
  const auto equals = text.find('=');
  if (!text.starts_with('/') || equals == std::string_view::npos)
    return std::nullopt;
  return Override{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

ConfigResult parse_config(std::string_view text, const ConfigInputs& inputs,
                          const std::vector<Override>& overrides) {
  ConfigResult result;
  auto root = parse_strict_json(text, result.errors);
  if (!root)
    return result;
  for (const Override& change : overrides)
    apply_override(*root, change, result.errors);
  Context context{inputs, result};
  ObjectReader in(*root, "", result.errors);
  read_config(in, context);
  in.finish();
  return result;
}

}  // namespace gcstreamd
