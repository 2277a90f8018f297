#include "gcstreamd/core/request_budget.hpp"

#include <algorithm>

namespace gcstreamd {

bool RequestBudget::take(std::string_view requester, Urgency urgency, SteadyTime now) {
  tidy(now);
  const SteadyTime due = next(requester, urgency, now);
  if (due > now || options_.limit == 0) {
    stand_in_line(requester, urgency, due);
    return false;
  }
  sent_.push_back(now);
  if (const auto place = find(requester, urgency); place != line_.end())
    line_.erase(place);
  return true;
}

SteadyTime RequestBudget::next(std::string_view requester, Urgency urgency, SteadyTime now) const {
  const std::size_t reserve =
      urgency == Urgency::background ? std::min(options_.reserve, options_.limit / 2) : 0;
  const std::size_t wanted = ahead_of(requester, urgency) + 1 + reserve;
  const std::size_t gone = sent_.size() - used(now);
  const SteadyTime due = std::max(now, blocked_until(urgency));
  if (used(now) + wanted <= options_.limit || sent_.empty())
    return due;
  const std::size_t to_expire = gone + used(now) + wanted - options_.limit;
  return std::max(due, sent_[std::min(to_expire, sent_.size()) - 1] + options_.window);
}

std::size_t RequestBudget::used(SteadyTime now) const {
  const auto live = std::find_if(sent_.begin(), sent_.end(),
                                 [&](SteadyTime sent) { return now - sent < options_.window; });
  return static_cast<std::size_t>(sent_.end() - live);
}

void RequestBudget::leave(std::string_view requester) {
  std::erase_if(line_, [&](const Waiter& waiter) { return waiter.requester == requester; });
}

void RequestBudget::refused(Urgency urgency, std::chrono::seconds retry_after, SteadyTime now) {
  SteadyTime& until = urgency == Urgency::live ? blocked_until_ : background_blocked_until_;
  until = std::max(until, now + retry_after);
}

SteadyTime RequestBudget::blocked_until(Urgency urgency) const {
  return urgency == Urgency::live ? blocked_until_
                                  : std::max(blocked_until_, background_blocked_until_);
}

void RequestBudget::tidy(SteadyTime now) {
  while (!sent_.empty() && now - sent_.front() >= options_.window)
    sent_.pop_front();
  std::erase_if(line_, [&](const Waiter& waiter) {
    return now - std::max(waiter.due, blocked_until(waiter.urgency)) > kPatience;
  });
}

/// What is live goes before all that is not; within each, who came first.
std::size_t RequestBudget::ahead_of(std::string_view requester, Urgency urgency) const {
  std::size_t ahead = 0;
  bool before = true;
  for (const Waiter& waiter : line_) {
    if (waiter.requester == requester && waiter.urgency == urgency)
      before = false;
    else if (waiter.urgency == urgency ? before : waiter.urgency == Urgency::live)
      ++ahead;
  }
  return ahead;
}

void RequestBudget::stand_in_line(std::string_view requester, Urgency urgency, SteadyTime due) {
  if (const auto place = find(requester, urgency); place != line_.end())
    place->due = due;
  else
    line_.push_back({std::string(requester), urgency, due});
}

std::deque<RequestBudget::Waiter>::iterator RequestBudget::find(std::string_view requester,
                                                                Urgency urgency) {
  return std::find_if(line_.begin(), line_.end(), [&](const Waiter& waiter) {
    return waiter.requester == requester && waiter.urgency == urgency;
  });
}

}  // namespace gcstreamd
