#include "gcstreamd/core/reload_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "config_json.hpp"
#include "gcstreamd/core/url.hpp"

namespace gcstreamd {
namespace {

using json = nlohmann::ordered_json;
using Kind = ReloadPlan::Kind;

/// One value's JSON pointers in the two configurations.
struct Location {
  std::string running;
  std::string next;
  Location of(const std::string& key) const { return {running + '/' + key, next + '/' + key}; }
};

struct Change {
  std::string pointer;
  std::string key;  ///< within the new configuration, also of what is in it no more
  std::string detail;
};
using Changes = std::vector<Change>;

void compare(const Location& at, const json& running, const json& next, Changes& changes);

/// Lists of words, such as event types and scopes, say the same in any order.
bool is_change(const json& running, const json& next) {
  const auto words = [](const json& list) {
    return list.is_array() &&
           std::all_of(list.begin(), list.end(), [](const json& one) { return one.is_string(); });
  };
  if (!words(running) || !words(next))
    return running != next;
  return std::set<json>(running.begin(), running.end()) != std::set<json>(next.begin(), next.end());
}

const json* find_named(const json& list, const json& name) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const json& one) { return one.at("name") == name; });
  return found == list.end() ? nullptr : &*found;
}

std::string index_in(const json& list, const json* one) {
  return std::to_string(one - &list.front());
}

/// Streams or sinks.
void compare_named(const Location& at, const json& running, const json& next, Changes& changes) {
  for (const json& after : next) {
    const json* before = find_named(running, after.at("name"));
    const std::string index = index_in(next, &after);
    const std::string pointer = at.next + '/' + index;
    if (before)
      compare({at.running + '/' + index_in(running, before), pointer}, *before, after, changes);
    else
      changes.push_back(
          {pointer, pointer, fmt::format("{}: {} added", pointer, config_text(after["name"], -1))});
  }
  for (const json& before : running) {
    if (find_named(next, before.at("name")))
      continue;
    const std::string pointer = at.running + '/' + index_in(running, &before);
    changes.push_back({pointer, at.next,
                       fmt::format("{}: {} removed", pointer, config_text(before["name"], -1))});
  }
}

/// The query of a URL may hold a key of the server's own.
std::string text_of(const json* value) {
  if (!value)
    return "none";
  const auto* text = value->get_ptr<const std::string*>();
  return config_text(text ? json(without_query(*text)) : *value, -1);
}

const json* find_key(const json& object, const std::string& key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

void compare_values(const Location& at, const json* running, const json* next, Changes& changes) {
  if (running && next) {
    compare(at, *running, *next, changes);
    return;
  }
  const std::string& pointer = next ? at.next : at.running;
  changes.push_back(
      {pointer, at.next, fmt::format("{}: {} -> {}", pointer, text_of(running), text_of(next))});
}

void compare_objects(const Location& at, const json& running, const json& next, Changes& changes) {
  for (const auto& [key, after] : next.items()) {
    const json* before = find_key(running, key);
    if (before && (key == "streams" || key == "sinks"))
      compare_named(at.of(key), *before, after, changes);
    else
      compare_values(at.of(key), before, &after, changes);
  }
  for (const auto& [key, before] : running.items())
    if (!next.contains(key))
      compare_values(at.of(key), &before, nullptr, changes);
}

void compare(const Location& at, const json& running, const json& next, Changes& changes) {
  if (running.is_object() && next.is_object())
    compare_objects(at, running, next, changes);
  else if (is_change(running, next))
    changes.push_back({at.next, at.next,
                       fmt::format("{}: {} -> {}", at.next, text_of(&running), text_of(&next))});
}

void add(ReloadPlan& plan, const Changes& changes) {
  for (const Change& change : changes) {
    plan.changes.push_back(change.pointer);
    plan.details.push_back(change.detail);
  }
}

struct Rule {
  std::string_view key;  ///< of the stream, with all that is below it
  Kind kind;
  bool new_token = false;
  bool new_filter = false;
  bool sinks = false;
  bool retry = false;
};

constexpr auto kRules = std::to_array<Rule>({
    {.key = "/oauth/client_id", .kind = Kind::replaced},
    {.key = "/endpoints/stream_url", .kind = Kind::replaced},
    {.key = "/protocol", .kind = Kind::replaced},
    {.key = "/endpoints/oauth_url", .kind = Kind::reconnect, .new_token = true},
    {.key = "/oauth/scopes", .kind = Kind::reconnect, .new_token = true},
    {.key = "/oauth/client_auth", .kind = Kind::reconnect, .new_token = true},
    {.key = "/event_types", .kind = Kind::reconnect, .new_filter = true},
    {.key = "/region", .kind = Kind::live},  // it matters through the endpoints
    {.key = "/endpoints/api_url", .kind = Kind::live},
    {.key = "/oauth/client_secret_file", .kind = Kind::live},
    {.key = "/oauth/refresh_margin_s", .kind = Kind::live},
    {.key = "/start_at", .kind = Kind::live},
    {.key = "/topics", .kind = Kind::live},
    {.key = "/queues", .kind = Kind::live},
    {.key = "/users", .kind = Kind::live},
    {.key = "/discovery_interval_s", .kind = Kind::live},
    {.key = "/channels", .kind = Kind::live},
    {.key = "/backfill", .kind = Kind::live},
    {.key = "/reconnect", .kind = Kind::live, .retry = true},
    {.key = "/connect_timeout_s", .kind = Kind::live, .retry = true},
    {.key = "/liveness", .kind = Kind::live},
    {.key = "/integrity", .kind = Kind::live},
    {.key = "/sinks", .kind = Kind::live, .sinks = true},
});

/// A key that no rule names: a new connection applies whatever it is.
constexpr Rule kOther{.key = "", .kind = Kind::reconnect};

bool covers(std::string_view rule, std::string_view key) {
  return key.starts_with(rule) && (key.size() == rule.size() || key[rule.size()] == '/');
}

const Rule& rule_of(std::string_view key) {
  const auto* found = std::find_if(kRules.begin(), kRules.end(),
                                   [&](const Rule& rule) { return covers(rule.key, key); });
  return found == kRules.end() ? kOther : *found;
}

/// The position of notifications belongs to the API's address, as that of a stream to its URL.
constexpr Rule kApiOfNotifications{.key = "/endpoints/api_url", .kind = Kind::replaced};

ReloadPlan::Stream classify(const json& next, const Changes& changes) {
  ReloadPlan::Stream stream;
  stream.name = next.at("name").get<std::string>();
  const bool notifications = next.at("protocol") == "notifications";
  for (const Change& change : changes) {
    const bool of_api = notifications && covers(kApiOfNotifications.key, change.key);
    const Rule& rule = of_api ? kApiOfNotifications : rule_of(change.key);
    stream.kind = std::min(stream.kind, rule.kind);  // declared in this order
    stream.new_token = stream.new_token || rule.new_token;
    stream.new_filter = stream.new_filter || rule.new_filter;
    stream.sinks = stream.sinks || rule.sinks;
    stream.retry = stream.retry || rule.retry;
  }
  return stream;
}

void plan_streams(const json& running, const json& next, ReloadPlan& plan) {
  Changes all;
  compare_named({"/streams", "/streams"}, running, next, all);
  add(plan, all);
  for (const json& after : next) {
    const auto name = after.at("name").get<std::string>();
    const json* before = find_named(running, after.at("name"));
    Changes changes;  // with pointers from the stream on
    if (before)
      compare({}, *before, after, changes);
    else
      plan.streams.push_back({name, Kind::added});
    if (!changes.empty())
      plan.streams.push_back(classify(after, changes));
  }
  for (const json& before : running)
    if (!find_named(next, before.at("name")))
      plan.streams.push_back({before.at("name").get<std::string>(), Kind::removed});
}

/// What of a proxy is not printed: passwords are masked, and exceptions are the environment's.
bool differ_unseen(const ProxyChoice& running, const ProxyChoice& next) {
  if (!running.proxy || !next.proxy || masked(*running.proxy) != masked(*next.proxy))
    return false;
  return running.proxy->password != next.proxy->password ||
         running.by_environment != next.by_environment || running.except != next.except;
}

/// Has a proxy that changed in what is not printed look different.
void tell_unseen_changes(const Config& running, const Config& next, json& streams) {
  for (std::size_t i = 0; i < next.streams.size(); ++i)
    for (const StreamConfig& before : running.streams)
      if (before.name == next.streams[i].name && differ_unseen(before.proxy, next.streams[i].proxy))
        streams[i]["proxy"] = masked(*next.streams[i].proxy.proxy) + " used otherwise";
}

using Paths = std::map<std::string, std::string>;  ///< real path to stream

Paths paths_of(const Config& config,
               const std::function<std::string(const std::string&)>& real_path) {
  Paths paths;
  for (const StreamConfig& stream : config.streams)
    for (const SinkConfig& sink : stream.sinks)
      if (!sink.path.empty())
        paths.emplace(real_path(sink.path), stream.name);
  return paths;
}

void replace(ReloadPlan& plan, const std::string& name) {
  for (ReloadPlan::Stream& stream : plan.streams)
    if (stream.name == name && (stream.kind == Kind::reconnect || stream.kind == Kind::live))
      stream.kind = Kind::replaced;
}

}  // namespace

void replace_where_files_move(const Config& running, const Config& next,
                              const std::function<std::string(const std::string&)>& real_path,
                              ReloadPlan& plan) {
  const Paths before = paths_of(running, real_path);
  for (const auto& [path, stream] : paths_of(next, real_path)) {
    const auto holder = before.find(path);
    if (holder == before.end() || holder->second == stream)
      continue;
    replace(plan, holder->second);
    replace(plan, stream);
  }
}

ReloadPlan plan_reload(const Config& running, const Config& next) {
  json before = config_json(running);
  json after = config_json(next);
  const json streams_before = before.at("streams");
  json streams_after = after.at("streams");
  tell_unseen_changes(running, next, streams_after);
  for (const char* key : {"streams", "state_dir"}) {  // the latter is not applied
    before.erase(key);
    after.erase(key);
  }
  ReloadPlan plan;
  Changes changes;
  compare({}, before, after, changes);
  add(plan, changes);
  plan.state_dir = running.state_dir != next.state_dir;
  plan_streams(streams_before, streams_after, plan);
  return plan;
}

}  // namespace gcstreamd
