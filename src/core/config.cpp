#include "gcstreamd/core/config.hpp"

#include <fmt/format.h>

#include <array>
#include <set>

#include "config_context.hpp"
#include "gcstreamd/core/listen_address.hpp"
#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

using nlohmann::json;
using std::chrono::seconds;

void read_log(ObjectReader& in, const Context& context, LogConfig& log) {
  constexpr auto kLevels =
      std::to_array<std::string_view>({"trace", "debug", "info", "warn", "error"});
  constexpr auto kTargets = std::to_array<std::string_view>({"journal", "stderr"});
  log.level = in.choice("level", kLevels, "info");
  const bool under_systemd = !context.variable("JOURNAL_STREAM").empty();
  log.target = in.choice("target", kTargets, under_systemd ? "journal" : "stderr");
}

void read_metrics(ObjectReader& in, MetricsConfig& metrics) {
  metrics.interval = seconds(in.integer("interval_s", 1, kDay, 30));
  const json* listen = in.raw("listen");
  if (!listen)
    return;
  metrics.listen = listen->is_string() ? listen->get<std::string>() : "";
  if (!listen->is_null() && !parse_listen_address(metrics.listen))
    in.fail("listen", "not an address",
            "an IP address with a port such as 127.0.0.1:9477, unix:/path, or null");
}

std::string default_state_dir(const Context& context) {
  const std::string given = context.variable("STATE_DIRECTORY");
  return given.empty() ? "/var/lib/gcstreamd" : given.substr(0, given.find(':'));
}

void check_names(ObjectReader& in, const std::vector<StreamConfig>& streams) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < streams.size(); ++i)
    if (!names.insert(streams[i].name).second)
      in.fail_below(fmt::format("streams/{}/name", i),
                    fmt::format("another stream is named {}", json_string(streams[i].name)),
                    "a name of its own for each stream");
}

void check_paths(ObjectReader& in, const ConfigInputs& inputs,
                 const std::vector<StreamConfig>& streams) {
  std::set<std::string> paths;
  for (std::size_t i = 0; i < streams.size(); ++i)
    for (std::size_t j = 0; j < streams[i].sinks.size(); ++j) {
      const std::string& path = streams[i].sinks[j].path;
      if (!path.empty() && !paths.insert(inputs.real_path(path)).second)
        in.fail_below(fmt::format("streams/{}/sinks/{}/path", i, j),
                      fmt::format("another sink writes to {}", json_string(path)),
                      "a path of its own for each sink");
    }
}

void check_connections(ObjectReader& in, const Config& config) {
  std::map<std::string, unsigned> connections;
  for (const StreamConfig& stream : config.streams)
    if (stream.protocol == ProtocolKind::analytics_stream)
      ++connections[stream.oauth.client_id];
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
  if (in.has("state_dir"))
    context.result.notes.push_back(in.at("state_dir") +
                                   ": a change takes effect at a restart, not at a reload");
  if (config.state_dir.empty())
    in.fail("state_dir", "empty", "the path of a directory");
  config.shutdown_timeout = seconds(in.integer("shutdown_timeout_s", 1, 3600, 10));
  in.object("log", [&](ObjectReader& log) { read_log(log, context, config.log); });
  in.object("metrics", [&](ObjectReader& metrics) { read_metrics(metrics, config.metrics); });
  config.max_connections_per_org =
      static_cast<unsigned>(in.integer("max_connections_per_org", 1, 10000, 10));
  config.max_requests_per_minute =
      static_cast<unsigned>(in.integer("max_requests_per_minute", 10, 100000, 300));
  in.objects("streams",
             [&](ObjectReader& stream) { config.streams.push_back(read_stream(stream, context)); });
  check_names(in, config.streams);
  check_paths(in, context.inputs, config.streams);
  check_connections(in, config);
  check_channels(in, context);
}

/// Whether the pointer leads more than one place behind an array's end, which nlohmann would fill.
bool beyond_an_array(const json& root, const std::string& text) {
  json::json_pointer pointer(text);
  while (!pointer.empty()) {
    const std::string last = pointer.back();
    pointer.pop_back();
    if (!root.contains(pointer) || !root.at(pointer).is_array())
      continue;
    const auto end = std::to_string(root.at(pointer).size());
    if (last != "-" && (last.size() > end.size() || (last.size() == end.size() && last > end)))
      return true;
  }
  return false;
}

void apply_override(json& root, const Override& change, std::vector<ConfigError>& errors) {
  json value = json::parse(change.value, nullptr, false);
  if (value.is_discarded())
    value = change.value;
  try {
    if (beyond_an_array(root, change.pointer))
      throw std::out_of_range(change.pointer);
    root[json::json_pointer(change.pointer)] = std::move(value);
  } catch (const std::exception&) {
    errors.push_back({change.pointer,
                      "--set cannot reach this place",
                      "a JSON pointer to a key, such as /streams/0/buffer_size",
                      {}});
  }
}

}  // namespace

std::string to_string(const ConfigError& error) {
  // A key may hold anything: escaped as in JSON, it stays on its line.
  const std::string pointer = json_string(error.pointer.empty() ? "/" : error.pointer);
  std::string line = pointer.substr(1, pointer.size() - 2);
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
