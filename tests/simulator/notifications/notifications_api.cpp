#include "simulator/notifications/notifications_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "simulator/form.hpp"
#include "simulator/notifications/details_query.hpp"
#include "simulator/notifications/subscriptions.hpp"
#include "simulator/notifications/topic.hpp"
#include "simulator/responses.hpp"
#include "simulator/secrets.hpp"
#include "simulator/story.hpp"

namespace gcstream_sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kNotifications = "/api/v2/notifications/";
constexpr std::string_view kChannels = "/api/v2/notifications/channels";
constexpr std::string_view kSubscriptions = "/subscriptions";
constexpr std::string_view kAvailable = "/api/v2/notifications/availabletopics";
constexpr std::string_view kQueues = "/api/v2/routing/queues";
constexpr std::string_view kUsers = "/api/v2/users";
constexpr std::string_view kDetails = "/api/v2/analytics/conversations/details/query";
constexpr std::string_view kSocketPath = "/channels/";
constexpr std::size_t kLargestPage = 500;

struct Call {
  std::string_view method;
  std::string_view path;
  std::string_view word;
};

constexpr auto kCalls = std::to_array<Call>({{"POST", kChannels, "create"},
                                             {"GET", kChannels, "list"},
                                             {"GET", kAvailable, "topics"},
                                             {"GET", kQueues, "queues"},
                                             {"GET", kUsers, "users"},
                                             {"POST", kDetails, "details"}});

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

// The channel id in the path of its subscriptions; empty: it is another path.
std::string_view subscribed_channel(std::string_view path) {
  if (!path.starts_with(kChannels) || !path.ends_with(kSubscriptions) ||
      path.size() < kChannels.size() + kSubscriptions.size() + 2) {
    return {};
  }
  path.remove_prefix(kChannels.size() + 1);
  path.remove_suffix(kSubscriptions.size());
  return path.find('/') == std::string_view::npos ? path : std::string_view();
}

std::size_t number_of(const std::map<std::string, std::string>& query, const char* key,
                      std::size_t fallback, std::size_t most) {
  const auto found = query.find(key);
  std::size_t value = 0;
  if (found == query.end()) {
    return fallback;
  }
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value > 0
             ? std::min(value, most)
             : fallback;
}

Response no_channel() {
  return api_error(404, "not.found", "The requested channel does not exist.");
}

Response available_topics() {
  Json entities = Json::array();
  for (const TopicForm& form : topic_forms()) {
    entities.push_back({{"id", fmt::format("{}{{id}}{}", form.prefix, form.suffix)},
                        {"requiresPermissions", Json::array({form.permission})},
                        {"transports", Json::array({"WebSocket"})}});
  }
  return json_response({{"entities", std::move(entities)}});
}

}  // namespace

NotificationsApi::NotificationsApi(Switchboard& board, std::string streaming)
    : board_(board),
      streaming_(std::move(streaming)),
      allowance_(board.options().requests, board.options().window) {}

std::optional<std::string_view> NotificationsApi::call_of(const Request& request) {
  const std::string_view path = path_of(request.target);
  if (!subscribed_channel(path).empty()) {
    return request.method == "GET" ? "topics" : "subscribe";
  }
  const auto found = std::find_if(kCalls.begin(), kCalls.end(), [&](const Call& call) {
    return call.path == path && call.method == request.method;
  });
  return found == kCalls.end() ? std::nullopt : std::optional(found->word);
}

std::optional<Response> NotificationsApi::throttle(EventTime now) {
  ++counters_.requests;
  last_ = allowance_.take(now);
  if (last_.allowed) {
    return std::nullopt;
  }
  ++counters_.throttled;
  Response response =
      api_error(429, "too.many.requests.retry.after",
                fmt::format("Rate limit exceeded the maximum. Retry the request in [{}] seconds",
                            last_.reset.count()));
  response.headers.emplace_back("Retry-After", fmt::format("{}", last_.reset.count()));
  return response;
}

void NotificationsApi::add_headers(Response& response) const {
  response.headers.emplace_back("ININ-Correlation-Id", random_hex(16));
  if (allowance_.limit() == 0) {
    return;
  }
  response.headers.emplace_back("inin-ratelimit-count", fmt::format("{}", last_.count));
  response.headers.emplace_back("inin-ratelimit-allowed", fmt::format("{}", allowance_.limit()));
  response.headers.emplace_back("inin-ratelimit-reset", fmt::format("{}", last_.reset.count()));
}

std::optional<std::string> NotificationsApi::channel_of(std::string_view target) {
  const std::string_view path = path_of(target);
  if (!path.starts_with(kSocketPath) || path.size() == kSocketPath.size()) {
    return std::nullopt;
  }
  return std::string(path.substr(kSocketPath.size()));
}

Response NotificationsApi::answer(const Request& request, EventTime now) {
  const auto word = call_of(request);
  const std::size_t mark = request.target.find('?');
  const Query query = mark == std::string::npos
                          ? Query()
                          : read_form(std::string_view(request.target).substr(mark + 1));
  if (!word) {
    return request.target.starts_with(kNotifications)
               ? api_error(405, "method.not.allowed", "This resource has no such method.")
               : api_error(404, "not.found", "The requested resource does not exist.");
  }
  if (!subscribed_channel(path_of(request.target)).empty()) {
    return subscriptions(request, query, now);
  }
  if (*word == "create") {
    return create(now);
  }
  if (*word == "list") {
    board_.expire(now);
    return list();
  }
  if (*word == "topics") {
    return available_topics();
  }
  if (*word == "details") {
    return details(request.body, now);
  }
  return directory(*word == "queues" ? DirectoryKind::queues : DirectoryKind::users, query);
}

Json NotificationsApi::channel_json(const Channel& channel) const {
  return {{"connectUri", streaming_ + std::string(kSocketPath) + channel.id},
          {"id", channel.id},
          {"expires", format_time(channel.expires)}};
}

Response NotificationsApi::create(EventTime now) {
  return json_response(channel_json(board_.open_channel(now)));
}

Response NotificationsApi::list() const {
  Json entities = Json::array();
  for (const auto& [number, channel] : board_.registry().channels()) {
    entities.push_back(channel_json(channel));
  }
  return json_response({{"entities", std::move(entities)}});
}

Response NotificationsApi::subscriptions(const Request& request, const Query& query,
                                         EventTime now) {
  Channel* channel = board_.find(subscribed_channel(path_of(request.target)), now);
  if (channel == nullptr) {
    return no_channel();
  }
  if (request.method == "GET") {
    return json_response(permitted_json(channel->topics));
  }
  if (request.method == "DELETE") {
    board_.forget_topics(channel->id, now);
    Response response;
    response.status = 204;
    return response;
  }
  if (request.method != "PUT" && request.method != "POST") {
    return api_error(405, "method.not.allowed", "Subscriptions are not changed in that way.");
  }
  const auto ignore = query.find("ignoreErrors");
  return subscribe(request, *channel, ignore != query.end() && ignore->second == "true", now);
}

Response NotificationsApi::subscribe(const Request& request, Channel& channel, bool ignore_errors,
                                     EventTime now) {
  const auto asked = read_topics(request.body);
  if (!asked) {
    return api_error(400, "bad.request", "A JSON array of objects with an id each is wanted.");
  }
  std::vector<std::string> topics;
  if (request.method == "POST") {
    topics = channel.topics;
  }
  const Judgement judgement = judge_topics(board_.judge(), *asked);
  if (!judgement.rejected.empty() && !ignore_errors) {
    return refusal_of(judgement);
  }
  topics.insert(topics.end(), judgement.permitted.begin(), judgement.permitted.end());
  const std::size_t most = board_.options().most_topics;
  if (count_topics(*asked) > most || count_topics(topics) > most) {
    return api_error(400, "too.many.topics", fmt::format("A channel has at most {} topics.", most));
  }
  board_.set_topics(channel, std::move(topics), now);
  return json_response(verdicts_json(judgement));
}

Response NotificationsApi::directory(DirectoryKind kind, const Query& query) const {
  const std::size_t size = number_of(query, "pageSize", 25, kLargestPage);
  const std::size_t number = number_of(query, "pageNumber", 1, 1'000'000);
  return json_response(board_.centre().directory().page(kind, size, number));
}

Response NotificationsApi::details(const std::string& body, EventTime now) const {
  const auto query = read_details_query(body);
  if (const auto* wrong = std::get_if<std::string>(&query)) {
    return api_error(400, "bad.request", *wrong);
  }
  return json_response(answer_details_query(std::get<DetailsQuery>(query), board_.centre().log(),
                                            board_.options(), now));
}

}  // namespace gcstream_sim
