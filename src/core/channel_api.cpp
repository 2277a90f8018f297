#include "gcstreamd/core/channel_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "gcstreamd/core/text.hpp"
#include "gcstreamd/core/time_format.hpp"

namespace gcstreamd {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr int kFirstSuccess = 200;
constexpr int kFirstFailure = 300;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kTooMany = 429;
constexpr int kServerFault = 500;
constexpr unsigned kPageSize = 100;
constexpr seconds kUsualLife{std::chrono::hours{24}};
constexpr seconds kShortestLife{60};
constexpr std::string_view kChannels = "/api/v2/notifications/channels";

bool succeeded(const HttpResponse& response) {
  return response.status >= kFirstSuccess && response.status < kFirstFailure;
}

const json* member(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() ? &*found : nullptr;
}

std::string text_of(const json& object, const char* key) {
  const json* value = member(object, key);
  return value && value->is_string() ? value->get<std::string>() : std::string();
}

std::vector<std::string> texts_of(const json& object, const char* key) {
  std::vector<std::string> texts;
  const json* list = member(object, key);
  if (list && list->is_array())
    for (const json& one : *list)
      if (one.is_string())
        texts.push_back(one.get<std::string>());
  return texts;
}

Fault malformed(int status, std::string words) {
  return {Stage::subscribe, FaultKind::protocol, status, std::move(words)};
}

/// What is unknown or cannot be is the usual life (source: GENESYS.md).
seconds lifetime_of(const std::string& expires, WallTime now) {
  const auto time = parse_time(expires);
  if (!time)
    return kUsualLife;
  return std::clamp(std::chrono::floor<seconds>(*time - now), kShortestLife, kUsualLife);
}

bool usable(const std::string& uri) {
  const auto url = parse_url(uri);
  return url && uri.starts_with("ws") && (url->secure || url->loopback());
}

}  // namespace

Fault api_fault(const HttpResponse& response, WallTime now) {
  const json body = json::parse(response.body, nullptr, false);
  std::string words = status_words(response.status, response.location);
  for (const char* key : {"code", "message"})
    if (const std::string text = text_of(body, key); !text.empty())
      words += ": " + text;
  Fault fault(Stage::subscribe, FaultKind::http_status, response.status, std::move(words));
  fault.retry_after = parse_retry_after(response.retry_after, response.date, now);
  return fault;
}

Fault of_api(Fault fault) {
  if (fault.stage == Stage::oauth)
    fault.stage = Stage::subscribe;
  return fault;
}

std::string_view api_hint(const Fault& fault) {
  if (fault.stage != Stage::subscribe)
    return hint(fault);
  if (fault.kind != FaultKind::http_status)
    return "the API's answer cannot be used: check endpoints.api_url and proxies on the way";
  switch (fault.code) {
    case kUnauthorized:
      return "the token was refused: a new one is fetched";
    case kForbidden:
      return "the OAuth client's roles lack a permission: grant it, and it is tried again by "
             "itself";
    case kTooMany:
      return "other programs with this client id use up its requests: stop them, or lower "
             "max_requests_per_minute";
    default:
      return fault.code >= kServerFault ? hint(fault) : "";
  }
}

HttpRequest api_request(std::string_view method, const std::string& api_url,
                        std::string_view target, const Secret& token, std::string_view body) {
  HttpRequest request;
  request.method = method;
  request.url = parse_url(api_url).value_or(Url{});
  const std::string_view base(request.url.target);
  request.url.target = fmt::format("{}{}", base == "/" ? "" : base, target);
  request.headers.emplace_back("Authorization", concat({"Bearer ", token.reveal()}));
  request.headers.emplace_back("Accept", Secret("application/json"));
  if (method != "GET")
    request.headers.emplace_back("Content-Type", Secret("application/json"));
  request.body = Secret(body);
  return request;
}

HttpRequest create_channel(const std::string& api_url, const Secret& token) {
  return api_request("POST", api_url, kChannels, token);
}

Outcome<ChannelGrant> parse_channel(const HttpResponse& response, WallTime now) {
  if (!succeeded(response))
    return api_fault(response, now);
  const json body = json::parse(response.body, nullptr, false);
  std::string id = text_of(body, "id");
  std::string uri = text_of(body, "connectUri");
  ChannelGrant grant;
  grant.id = Secret(id);
  grant.connect_uri = Secret(uri);
  grant.lifetime = lifetime_of(text_of(body, "expires"), now);
  const bool complete = !id.empty() && usable(uri);
  wipe(id);
  wipe(uri);
  if (!complete)
    return malformed(response.status, "the answer has no channel id or no usable connectUri");
  return grant;
}

HttpRequest list_channels(const std::string& api_url, const Secret& token) {
  return api_request("GET", api_url, kChannels, token);
}

Outcome<std::size_t> parse_channel_count(const HttpResponse& response, WallTime now) {
  if (!succeeded(response))
    return api_fault(response, now);
  const json body = json::parse(response.body, nullptr, false);
  const json* entities = member(body, "entities");
  return entities && entities->is_array() ? entities->size() : 0;
}

HttpRequest set_topics(const std::string& api_url, const Secret& token, const Secret& channel_id,
                       std::span<const std::string> topics) {
  std::string body = "[";
  for (const std::string& topic : topics)
    body += fmt::format("{}{{\"id\":{}}}", body.size() > 1 ? "," : "", json_string(topic));
  body += "]";
  return api_request("PUT", api_url,
                     fmt::format("{}/{}/subscriptions?ignoreErrors=true", kChannels,
                                 percent_encode(channel_id.reveal())),
                     token, body);
}

Outcome<SubscriptionAnswer> parse_subscription(const HttpResponse& response,
                                               std::span<const std::string> topics, WallTime now) {
  if (!succeeded(response))
    return api_fault(response, now);
  const json body = json::parse(response.body, nullptr, false);
  const json* entities = member(body, "entities");
  if (!entities || !entities->is_array())
    return malformed(response.status, "the answer to the topics has no entities");
  SubscriptionAnswer answer;
  std::set<std::string> rejected;
  std::set<std::string> named;
  for (const json& entity : *entities) {
    const std::string topic = text_of(entity, "id");
    named.insert(topic);
    if (text_of(entity, "state") == "Rejected" && rejected.insert(topic).second)
      answer.rejected.push_back(
          {topic, text_of(entity, "rejectionReason"), texts_of(entity, "missingPermissions")});
  }
  for (const std::string& topic : topics) {
    if (rejected.contains(topic))
      continue;
    if (named.empty() || named.contains(topic))
      answer.permitted.push_back(topic);
    else
      answer.rejected.push_back({topic, "the service's answer does not name it", {}});
  }
  return answer;
}

HttpRequest list_directory(const std::string& api_url, const Secret& token, DirectoryKind kind,
                           unsigned page) {
  const std::string_view path =
      kind == DirectoryKind::queues ? "/api/v2/routing/queues" : "/api/v2/users";
  return api_request("GET", api_url,
                     fmt::format("{}?pageSize={}&pageNumber={}", path, kPageSize, page), token);
}

Outcome<DirectoryPage> parse_directory(const HttpResponse& response, unsigned page, WallTime now) {
  if (!succeeded(response))
    return api_fault(response, now);
  const json body = json::parse(response.body, nullptr, false);
  const json* entities = member(body, "entities");
  if (!entities || !entities->is_array())
    return malformed(response.status, "the answer has no entities");
  DirectoryPage result;
  for (const json& entity : *entities)
    if (std::string id = text_of(entity, "id"); !id.empty())
      result.entries.push_back({std::move(id), text_of(entity, "name")});
  const json* pages = member(body, "pageCount");
  const bool counted = pages && pages->is_number_unsigned();
  result.last = entities->empty() ||
                (counted ? page >= pages->get<unsigned>() : entities->size() < kPageSize);
  return result;
}

void RejectedTopics::keep_only(std::span<const std::string> topics) {
  const std::set<std::string_view> kept(topics.begin(), topics.end());
  std::erase_if(rejected_, [&](const TopicVerdict& one) { return !kept.contains(one.topic); });
}

std::vector<AuditRecord> RejectedTopics::update(std::span<const std::string> topics,
                                                const SubscriptionAnswer& answer) {
  std::vector<AuditRecord> records;
  for (const TopicVerdict& verdict : answer.rejected) {
    if (std::find(rejected_.begin(), rejected_.end(), verdict) != rejected_.end())
      continue;
    records.push_back(AuditRecord("topic_rejected")
                          .text("topic", verdict.topic)
                          .text("reason", verdict.reason)
                          .texts("missingPermissions", verdict.missing_permissions));
  }
  const std::set<std::string> judged(topics.begin(), topics.end());
  std::erase_if(rejected_, [&](const TopicVerdict& one) { return judged.contains(one.topic); });
  for (const TopicVerdict& verdict : answer.rejected)
    if (judged.contains(verdict.topic))
      rejected_.push_back(verdict);
  return records;
}

}  // namespace gcstreamd
