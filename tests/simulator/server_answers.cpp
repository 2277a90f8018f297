// What is answered to HTTP requests, with the faults that a script wants.
#include <fmt/format.h>

#include <boost/asio/post.hpp>

#include "simulator/http_faults.hpp"
#include "simulator/responses.hpp"
#include "simulator/server.hpp"
#include "simulator/step_table.hpp"

namespace gcstream_sim {
namespace {

constexpr unsigned kUpgrade = 426;

std::string shown(const Step& step) {
  const std::string_view name = info_of(step.kind).name;
  return step.line == 0 ? std::string(name) : fmt::format("{} (line {})", name, step.line);
}

}  // namespace

const Step* Server::told(const Step* step) const {
  if (step != nullptr) {
    log(fmt::format("plays {}", shown(*step)));
  }
  return step;
}

const Step* Server::step_for(Place place) {
  return told(script_.take(place));
}

const Step* Server::step_for_subscription(std::optional<std::uint64_t> after) {
  return script_.take_subscription(after);
}

Response Server::spoiled_by(const Step* step, const Response& good) const {
  return step == nullptr ? good : spoiled(good, *step, std::chrono::system_clock::now());
}

Response Server::answer(const Request& request) {
  const auto now = std::chrono::steady_clock::now();
  if (notified_ && !Api::is_token_request(request)) {
    return answer_notified(request, std::chrono::system_clock::now());
  }
  const auto answer = api_.answer(request, now);
  if (!answer) {
    return spoiled_by(step_for(Place::upgrade), upgrade_of(request));
  }
  return answer->status == 200 ? spoiled_by(step_for(Place::token), *answer) : *answer;
}

Response Server::answer_notified(const Request& request, EventTime now) {
  if (const auto channel = NotificationsApi::channel_of(request.target)) {
    return answer_socket(request, *channel, now);
  }
  auto refusal = api_.refuse_token(request, std::chrono::steady_clock::now());
  Response response = refusal ? *refusal : answer_call(request, now);
  notified_->api.add_headers(response);
  flush();
  // A step about the stream may wait for the topics that it has now.
  boost::asio::post(stop_timer_.get_executor(), [this] { on_progress(); });
  return response;
}

Response Server::answer_call(const Request& request, EventTime now) {
  if (const auto too_many = notified_->api.throttle(now)) {
    log("429: too many requests");
    return *too_many;
  }
  const auto call = NotificationsApi::call_of(request);
  if (const Step* step = call ? told(script_.take_request(*call)) : nullptr) {
    return spoiled({}, *step, now);
  }
  return notified_->api.answer(request, now);
}

// The channel's id is all that a client has to show.
Response Server::answer_socket(const Request& request, const std::string& channel, EventTime now) {
  if (!request.upgrade || request.key.empty()) {
    return api_error(kUpgrade, "upgrade.required", "This resource is a WebSocket.");
  }
  const GoneChannel gone = options_.notifications.gone;
  if (notified_->board.find(channel, now) == nullptr && gone != GoneChannel::in_band) {
    return gone == GoneChannel::unauthorized
               ? api_error(401, "bad.credentials", "Invalid login credentials.")
               : api_error(404, "not.found", "The requested channel does not exist.");
  }
  return spoiled_by(step_for(Place::upgrade), upgrade_of(request));
}

}  // namespace gcstream_sim
