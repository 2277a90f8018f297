// For tests: how the daemon's decisions get their answers from the simulated service: a token, and
// calls within the request budget.
//
// Ownership: borrows clock and service, which must outlive it. For one thread at a time.
#pragma once

#include <optional>
#include <string_view>

#include "gcstreamd/core/request_budget.hpp"
#include "gcstreamd/core/token.hpp"
#include "simulator/notifications/day_service.hpp"

namespace gcstream_sim {

inline constexpr const char* kApiUrl = "https://localhost:1";

class DayDesk {
 public:
  using Answer = core::Outcome<core::HttpResponse>;
  using Urgency = core::RequestBudget::Urgency;

  DayDesk(const DayClock& clock, DayService& service) : clock_(clock), service_(service) {}

  // Nothing: there is a token that is good.
  std::optional<core::Fault> want_token();
  void discard_token() { keeper_.discard(); }
  const core::Secret& token() const { return keeper_.token(); }

  // Whether the budget has a request left; then it is taken.
  bool may_ask(std::string_view requester, Urgency urgency);
  Answer ask(const core::HttpRequest& request);
  // How often the budget had none.
  unsigned waits() const { return waits_; }

 private:
  const DayClock& clock_;
  DayService& service_;
  core::TokenKeeper keeper_{std::chrono::seconds(60), {}, 1};
  core::RequestBudget budget_;
  unsigned waits_ = 0;
};

}  // namespace gcstream_sim
