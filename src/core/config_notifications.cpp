#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config_context.hpp"
#include "gcstreamd/core/text.hpp"
#include "gcstreamd/core/topic_plan.hpp"

namespace gcstreamd {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kKeys = std::to_array<std::string_view>(
    {"topics", "queues", "users", "discovery_interval_s", "channels", "backfill"});
constexpr std::int64_t kLongest = 30 * kDay;

std::vector<std::string> read_rules(ObjectReader& in, std::string_view key) {
  std::vector<std::string> rules = in.texts(key);
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (rules[i].empty())
      in.fail_below(fmt::format("{}/{}", key, i), "empty", "a text");
  return rules;
}

void check_topics(ObjectReader& in, const std::vector<std::string>& topics) {
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const std::string place = fmt::format("topics/{}", i);
    if (topics[i].size() >= kMostTopicBytes)
      in.fail_below(place, "too long", fmt::format("under {} bytes", kMostTopicBytes));
    else if (topics[i].find('*') != std::string::npos)
      in.fail_below(place, "the service knows no wildcards in topics",
                    "a topic as it is; queues and users take names with * and ?");
  }
}

void read_channels(ObjectReader& in, NotificationsConfig& config) {
  config.channel_age = seconds(in.integer("max_age_s", 1, kDay, kDay));
  config.renew_margin = seconds(in.integer("renew_margin_s", 0, kDay, kDay / 2));
  config.overlap = milliseconds(in.integer("overlap_ms", 0, 600000, 5000));
}

std::vector<seconds> read_delays(ObjectReader& in, const std::vector<seconds>& usual) {
  const json* value = in.raw("delays_s");
  if (!value)
    return usual;
  std::vector<seconds> delays;
  const auto fits = [&](const json& one) {
    return one.is_number_unsigned() && one.get<std::uint64_t>() <= std::uint64_t{kLongest};
  };
  if (!value->is_array() || value->empty() || !std::all_of(value->begin(), value->end(), fits)) {
    in.fail("delays_s", "not delays", fmt::format("one or more integers from 0 to {}", kLongest));
    return usual;
  }
  for (const json& one : *value)
    delays.emplace_back(one.get<std::int64_t>());
  if (!std::is_sorted(delays.begin(), delays.end()))
    in.fail("delays_s", "not in order", "each delay at least as long as the one before");
  return delays;
}

void read_backfill(ObjectReader& in, BackfillConfig& backfill) {
  backfill.enabled = in.boolean("enabled", true);
  backfill.delays = read_delays(in, backfill.delays);
  backfill.give_up_after = seconds(in.integer("give_up_after_s", 1, kLongest, 3 * kDay));
  backfill.overlap = seconds(in.integer("overlap_s", 0, kDay, 120));
  backfill.lookback = seconds(in.integer("lookback_s", 0, kLongest, kDay));
}

TopicRules rules_of(const NotificationsConfig& config) {
  return {config.topics, config.queues, config.users};
}

/// The channels that are needed whatever the service's directories hold, one at least.
std::size_t least_channels(const StreamConfig& stream) {
  auto topics = expand(rules_of(stream.notifications), {}, {});
  if (topics.size() > kMostTopicsPerChannel)
    topics = combine(topics);
  return std::max<std::size_t>(1,
                               (topics.size() + kMostTopicsPerChannel - 1) / kMostTopicsPerChannel);
}

}  // namespace

void read_notifications(ObjectReader& in, StreamConfig& stream) {
  if (stream.protocol != ProtocolKind::notifications) {
    for (std::string_view key : kKeys)
      if (in.raw(key))
        in.fail(key, "only for the protocol notifications", "leave it out");
    return;
  }
  NotificationsConfig& config = stream.notifications;
  config.topics = read_rules(in, "topics");
  config.queues = read_rules(in, "queues");
  config.users = read_rules(in, "users");
  check_topics(in, config.topics);
  const bool told = in.has("topics") || in.has("queues") || in.has("users");
  if (config.topics.empty() && config.queues.empty() && config.users.empty())
    in.fail("topics", told ? "empty" : "missing", "topics, queues or users: at least one of them");
  config.discovery_interval = seconds(in.integer("discovery_interval_s", 1, kDay, 300));
  in.object("channels", [&](ObjectReader& keys) { read_channels(keys, config); });
  in.object("backfill", [&](ObjectReader& keys) { read_backfill(keys, config.backfill); });
}

void check_channels(ObjectReader& in, Context& context) {
  std::map<std::string, std::size_t> channels;
  for (const StreamConfig& stream : context.result.config.streams)
    if (stream.protocol == ProtocolKind::notifications)
      channels[stream.oauth.client_id] += least_channels(stream);
  for (const auto& [id, count] : channels) {
    if (count > kMostChannels)
      in.fail("streams",
              fmt::format("{} channels with one client id, the service allows {}", count,
                          kMostChannels),
              "fewer topics or streams, or another OAuth client for some of them");
    else if (count == kMostChannels)
      context.result.warnings.push_back(
          fmt::format("/streams: all {} channels of one client id are needed: each replacement "
                      "makes the service remove one that is in use",
                      kMostChannels));
  }
}

}  // namespace gcstreamd
