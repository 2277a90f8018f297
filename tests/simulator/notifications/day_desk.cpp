#include "simulator/notifications/day_desk.hpp"

#include <utility>

#include "gcstreamd/core/channel_api.hpp"

namespace gcstream_sim {
namespace {

constexpr int kTooMany = 429;

core::OAuthConfig client() {
  core::OAuthConfig config;
  config.client_id = DayService::credentials().client_id;
  return config;
}

}  // namespace

std::optional<core::Fault> DayDesk::want_token() {
  if (keeper_.usable(clock_.steady())) {
    return std::nullopt;
  }
  const core::Secret secret(DayService::credentials().client_secret);
  const Answer answer =
      service_.ask(core::token_request(client(), std::string(kApiUrl) + "/oauth/token", secret));
  if (!answer) {
    return answer.error();
  }
  auto grant = core::parse_token_response(*answer, clock_.micros());
  if (!grant) {
    return grant.error();
  }
  keeper_.granted(std::move(*grant), clock_.steady());
  return std::nullopt;
}

bool DayDesk::may_ask(std::string_view requester, Urgency urgency) {
  const bool allowed = budget_.take(requester, urgency, clock_.steady());
  waits_ += allowed ? 0U : 1U;
  return allowed;
}

DayDesk::Answer DayDesk::ask(const core::HttpRequest& request) {
  Answer answer = service_.ask(request);
  if (answer && answer->status == kTooMany) {
    const auto wish = core::api_fault(*answer, clock_.micros()).retry_after;
    budget_.refused(Urgency::live, wish.value_or(std::chrono::seconds(10)), clock_.steady());
  }
  return answer;
}

}  // namespace gcstream_sim
