#include "simulator/notifications/day_service.hpp"

#include <algorithm>

#include "simulator/notifications/notification_orders.hpp"
#include "simulator/responses.hpp"
#include "simulator/step_parser.hpp"

namespace gcstream_sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds kStoryEnds = hours(24);
constexpr std::uint16_t kGoingAway = 1001;

// Whatever changes changes at the beginning of an hour, and there is more to hear then.
bool has_event(seconds now) {
  const seconds pace(now % hours(1) < minutes(10) ? 3 : 60);
  return now < kStoryEnds && now % pace == seconds(0);
}

core::Fault unreachable() {
  return {core::Stage::connect, core::FaultKind::system, 111, "connection refused"};
}

Request received(const core::HttpRequest& sent) {
  Request request;
  request.method = sent.method;
  request.target = sent.url.target;
  request.body = sent.body.reveal();
  for (const auto& [name, value] : sent.headers) {
    if (name == "Authorization") {
      request.authorization = value.reveal();
    }
  }
  return request;
}

core::HttpResponse read(const Response& response) {
  core::HttpResponse read;
  read.status = static_cast<int>(response.status);
  read.body = response.body;
  for (const auto& [name, value] : response.headers) {
    if (name == "Retry-After") {
      read.retry_after = value;
    }
  }
  return read;
}

}  // namespace

DayService::DayService(const DayClock& clock, Plan plan)
    : clock_(clock),
      plan_(std::move(plan)),
      board_(plan_.options, {1, std::nullopt, plan_.truth}, clock.wall()),
      api_(board_, "wss://localhost:1"),
      tokens_(credentials()) {}

Credentials DayService::credentials() {
  Credentials credentials;
  credentials.client_secret = "s3cret";
  return credentials;
}

bool DayService::down() const {
  return std::any_of(kOutages.begin(), kOutages.end(),
                     [this](const Outage& outage) { return outage.holds(clock_.now); });
}

void DayService::live_on() {
  board_.expire(clock_.wall());
  if (down()) {
    cut_all();
  }
  for (; played_ < plan_.steps.size() && plan_.steps[played_].first <= clock_.now; ++played_) {
    play(plan_.steps[played_].second);
  }
  close_due();
  if (has_event(clock_.now)) {
    board_.happen(1, clock_.wall());
  }
}

// Without a word: each client has to find out by itself.
void DayService::cut_all() {
  for (const auto& [channel, socket] : std::exchange(sockets_, {})) {
    board_.disconnect(channel, *socket, {}, clock_.wall());
  }
}

void DayService::play(const std::string& line) {
  const Step step = std::get<std::optional<Step>>(read_step(line)).value();
  if (play_at_once(step, board_, clock_.wall())) {
    return;
  }
  const auto& channels = board_.registry().channels();
  const auto newest = std::find_if(channels.rbegin(), channels.rend(),
                                   [](const auto& entry) { return entry.second.connected; });
  if (newest != channels.rend()) {
    play_to(step, newest->second.id);
  }
}

void DayService::play_to(const Step& step, const std::string& channel) {
  const auto& socket = sockets_.at(channel);
  const StreamOrder order = carry_out(step, board_, channel, clock_.wall());
  if (step.word == "token_revoked") {
    tokens_.expire_tokens();
  }
  for (const Delivery& message : order.send) {
    socket->hear(message);
  }
  if (order.close_in) {
    closings_.push_back({clock_.now + *order.close_in, socket});
  }
}

void DayService::close_due() {
  while (!closings_.empty() && closings_.front().when <= clock_.now) {
    const auto socket = closings_.front().socket;
    closings_.pop_front();
    if (disconnect(*socket)) {
      socket->hang_up({kGoingAway, "the socket closes", false});
    }
  }
}

core::Outcome<core::HttpResponse> DayService::ask(const core::HttpRequest& sent) {
  if (down()) {
    return unreachable();
  }
  return read(answer(received(sent)));
}

Response DayService::answer(const Request& request) {
  if (Api::is_token_request(request)) {
    return tokens_.answer_token(request, clock_.steady());
  }
  if (const auto refusal = tokens_.refuse_token(request, clock_.steady())) {
    return *refusal;
  }
  if (const auto too_many = api_.throttle(clock_.wall())) {
    return *too_many;
  }
  if (NotificationsApi::call_of(request) == "details" && clock_.now >= plan_.details_until) {
    return api_error(400, "bad.request", "Details are not to be had.");
  }
  return api_.answer(request, clock_.wall());
}

std::optional<core::Fault> DayService::connect(const core::Secret& connect_uri,
                                               const std::shared_ptr<Listener>& socket) {
  if (down()) {
    return unreachable();
  }
  const auto url = core::parse_url(connect_uri.reveal());
  const auto channel = NotificationsApi::channel_of(url ? url->target : "");
  if (!channel || !board_.connect(*channel, socket, clock_.wall())) {
    return core::Fault(core::Stage::upgrade, core::FaultKind::http_status, 404, "HTTP 404");
  }
  sockets_[*channel] = socket;
  return std::nullopt;
}

bool DayService::disconnect(const Listener& socket) {
  const auto found = std::find_if(sockets_.begin(), sockets_.end(), [&socket](const auto& entry) {
    return entry.second.get() == &socket;
  });
  if (found == sockets_.end()) {
    return false;
  }
  const auto entry = sockets_.extract(found);
  board_.disconnect(entry.key(), socket, {}, clock_.wall());
  return true;
}

void DayService::ping(const Listener& socket) {
  for (const auto& [channel, open] : sockets_) {
    if (open.get() == &socket) {
      open->hear(metadata_message("pong"));
      return;
    }
  }
}

}  // namespace gcstream_sim
