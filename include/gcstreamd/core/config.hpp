#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/core/backoff.hpp"
#include "gcstreamd/core/proxy.hpp"
#include "gcstreamd/core/secret.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// The process's variables by name; given, so that the core reads no environment.
using Environment = std::map<std::string, std::string, std::less<>>;

struct TlsConfig;

/// What a configuration refers to outside itself; given, so that the core reads no files.
struct ConfigInputs {
  Environment environment;
  std::function<bool(const std::string& path)> exists;
  /// Empty when the file cannot be read.
  std::function<std::optional<std::string>(const std::string& path)> read_file;
  /// The path behind links and relative parts, so that two names of one file are found.
  std::function<std::string(const std::string& path)> real_path = [](const std::string& path) {
    return std::filesystem::path(path).lexically_normal().string();
  };
  /// Why a file cannot serve as a secret's source, "" when it can.
  std::function<std::string(const std::string& path)> secret_file_fault;
  /// Why a file holds no key to seal with, "" when it does; asked where secret_file_fault is "".
  std::function<std::string(const std::string& path)> seal_key_fault = [](const std::string&) {
    return std::string();
  };
  /// Why certificates and keys cannot be used, "" when they can; asked where all can be read.
  std::function<std::string(const TlsConfig& tls)> tls_fault = [](const TlsConfig&) {
    return std::string();
  };
};

struct LogConfig {
  std::string level = "info";
  std::string target = "stderr";
};

struct MetricsConfig {
  std::chrono::seconds interval{30};
  std::string listen = "127.0.0.1:9477";  ///< as it was written; empty: nowhere
};

/// Where the client secret comes from; the secret itself is read anew for each request.
struct SecretSource {
  enum class Kind { file, environment };
  Kind kind = Kind::file;
  std::string where;  ///< a path, or the variable's name
};

struct OAuthConfig {
  enum class ClientAuth { post, basic };
  std::string client_id;
  SecretSource client_secret;
  ClientAuth client_auth = ClientAuth::post;
  std::vector<std::string> scopes;
  std::chrono::seconds refresh_margin{60};
};

struct EndpointsConfig {
  std::string oauth_url;
  std::string stream_url;
  std::string api_url;
};

struct TlsConfig {
  std::string ca_file;
  std::string min_version = "1.2";
  std::string client_cert_file;
  std::string client_key_file;
  bool operator==(const TlsConfig&) const = default;
};

struct ReconnectConfig {
  BackoffOptions backoff;
  unsigned max_attempts = 10;  ///< 0: never gives up
  std::chrono::seconds stable_after{60};
};

struct IntegrityConfig {
  enum class OnGap { resume, record };
  enum class OnStalePosition { stop, restart_at_tip };
  OnGap on_gap = OnGap::resume;
  OnStalePosition on_stale_position = OnStalePosition::stop;
  std::uint64_t gap_threshold = 1;
  unsigned max_resumes_per_minute = 6;
};

/// Every so often an audit log gets a record that a key signs.
struct SealConfig {
  std::chrono::seconds interval{3600};
  std::string key_file;
  bool operator==(const SealConfig&) const = default;
};

/// When a sink's file is rotated, and what becomes of rotated files.
struct RotateConfig {
  enum class Compress { none, gzip, zstd };
  std::uint64_t max_bytes = 0;        ///< 0: never by size
  std::chrono::seconds max_age{0};    ///< 0: never by age
  std::uint64_t keep = 0;             ///< rotated files; 0: all
  std::uint64_t max_total_bytes = 0;  ///< with the live file; 0: no limit
  Compress compress = Compress::none;
  bool operator==(const RotateConfig&) const = default;
};

/// What a sink does not get to see of an event.
struct RedactRule {
  enum class Action { remove, mask, hmac };
  std::string pointer;  ///< as parse_pointer reads it
  Action action = Action::remove;
  std::string key_file;  ///< for `hmac`
  Secret key;            ///< what that file held when the configuration was read
};

struct SinkConfig {
  enum class Sync { interval, batch, never };
  std::string type;
  std::string name;
  bool required = true;
  std::vector<std::string> event_types;  ///< empty: all
  std::vector<RedactRule> redact;
  BackoffOptions retry{std::chrono::milliseconds{1000}, std::chrono::milliseconds{30000},
                       Jitter::equal};
  std::string path;
  Sync sync = Sync::interval;
  std::chrono::milliseconds sync_interval{100};
  unsigned mode = 0640;
  bool chain = true;
  std::optional<SealConfig> seal;
  RotateConfig rotate;
};

/// How gaps in coverage are filled in.
struct BackfillConfig {
  bool enabled = true;
  /// A gap is asked for so long after its end, each time: rows change later.
  std::vector<std::chrono::seconds> delays{std::chrono::minutes{2}, std::chrono::hours{1},
                                           std::chrono::hours{24}};
  std::chrono::seconds give_up_after{std::chrono::hours{72}};
  std::chrono::seconds overlap{std::chrono::minutes{2}};
  std::chrono::seconds lookback{std::chrono::hours{24}};
};

/// What only the protocol `notifications` has.
struct NotificationsConfig {
  std::vector<std::string> topics;
  std::vector<std::string> queues;               ///< ids, or patterns of names
  std::vector<std::string> users;                ///< the same
  std::chrono::seconds discovery_interval{300};  ///< how often queues and users are listed
  std::chrono::seconds channel_age{std::chrono::hours{24}};  ///< no channel counts as living longer
  std::chrono::seconds renew_margin{std::chrono::hours{12}};
  std::chrono::milliseconds overlap{5000};  ///< how long a replaced channel is read still
  BackfillConfig backfill;
};

enum class ProtocolKind { analytics_stream, notifications };

struct StreamConfig {
  std::string name;
  std::string region;
  ProtocolKind protocol = ProtocolKind::analytics_stream;
  NotificationsConfig notifications;
  EndpointsConfig endpoints;
  OAuthConfig oauth;
  enum class TokenIn { query, header };
  TokenIn token_in = TokenIn::query;
  std::vector<std::string> event_types;
  unsigned buffer_size = 100;
  std::optional<SequenceNumber> start_at;  ///< empty: at the tip
  TlsConfig tls;
  ProxyChoice proxy;
  ReconnectConfig reconnect;
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds idle_timeout{40};
  IntegrityConfig integrity;
  std::size_t max_frame_bytes = 16777216;
  std::vector<SinkConfig> sinks;
};

/// Whether any of its sinks does not get to see everything.
bool redacts(const StreamConfig& stream);

struct Config {
  std::filesystem::path state_dir;
  std::chrono::seconds shutdown_timeout{10};
  LogConfig log;
  MetricsConfig metrics;
  unsigned max_connections_per_org = 10;
  unsigned max_requests_per_minute = 300;  ///< REST calls with one client id, over all streams
  std::vector<StreamConfig> streams;
};

/// One fault of a configuration, for one line: `POINTER: what; allowed: …; did you mean "…"?`.
struct ConfigError {
  std::string pointer;
  std::string what;
  std::string allowed;
  std::string nearest;
};

std::string to_string(const ConfigError& error);

struct ConfigResult {
  Config config;  ///< meaningful only without errors
  std::vector<ConfigError> errors;
  std::vector<std::string> warnings;
  std::vector<std::string> notes;  ///< for whoever checks a file, not for the log
};

/// One `--set /json/pointer=VALUE`; VALUE is JSON where it parses as JSON, else a string.
struct Override {
  std::string pointer;
  std::string value;
};

/// Splits `/json/pointer=VALUE`; empty when there is no pointer or no `=`.
std::optional<Override> parse_override(std::string_view text);

/// Parses, applies overrides, validates. Never throws for bad input: every fault is in the result,
/// with all that can be found at once.
ConfigResult parse_config(std::string_view text, const ConfigInputs& inputs,
                          const std::vector<Override>& overrides);

/// The effective configuration as indented JSON, secrets masked, with a line break at its end.
std::string print_config(const Config& config);

}  // namespace gcstreamd
