#include "gcstreamd/app/api_call.hpp"

#include <algorithm>
#include <utility>

#include "gcstreamd/core/channel_api.hpp"
#include "gcstreamd/net/clocks.hpp"

namespace gcstreamd {
namespace {

constexpr int kTooMany = 429;
constexpr std::chrono::seconds kUsualBlock{10};

}  // namespace

ApiCall::ApiCall(const ApiTools& tools, std::string requester, RequestBudget::Urgency urgency)
    : tools_(tools),
      requester_(std::move(requester)),
      urgency_(urgency),
      http_(tools.loop, kMaxBody),
      timer_(tools.loop) {}

void ApiCall::start(Make make, Done done) {
  cancel();
  make_ = std::move(make);
  done_ = std::move(done);
  send_when_allowed();
}

void ApiCall::cancel() {
  make_ = nullptr;
  done_ = nullptr;
  timer_.cancel();
  http_.cancel();
  tools_.budget.leave(requester_);
}

void ApiCall::send_when_allowed() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (tools_.budget.take(requester_, urgency_, now)) {
    send();
    return;
  }
  constexpr std::chrono::milliseconds kSoon{1};
  timer_.expires_at(std::max(tools_.budget.next(requester_, urgency_, now), now + kSoon));
  timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (!aborted && done_)
      send_when_allowed();
  });
}

void ApiCall::send() {
  const auto context = tools_.tls.get(tools_.config.tls);
  if (!context) {
    fail_soon(context.error());
    return;
  }
  http_.exchange(make_(), ConnectionOptions(*context, tools_.config),
                 [this](Outcome<HttpResponse> answer) { on_answer(std::move(answer)); });
}

void ApiCall::fail_soon(Fault fault) {
  timer_.expires_after(std::chrono::seconds{0});
  timer_.async_wait([this, fault = std::move(fault)](const boost::system::error_code& aborted) {
    if (!aborted && done_)
      on_answer(fault);
  });
}

void ApiCall::on_answer(Outcome<HttpResponse> answer) {
  if (!answer) {
    answer = of_api(answer.error());
  } else if (answer->status == kTooMany) {
    const auto wish = api_fault(*answer, wall_now()).retry_after;
    tools_.budget.refused(urgency_, wish.value_or(kUsualBlock), std::chrono::steady_clock::now());
  }
  if (const Done done = std::exchange(done_, nullptr))
    done(std::move(answer));
}

}  // namespace gcstreamd
