#include "simulator/notifications/request_allowance.hpp"

#include <algorithm>

namespace gcstream_sim {

RequestAllowance::Verdict RequestAllowance::take(Time now) {
  if (limit_ == 0) {
    return {};
  }
  while (!taken_.empty() && taken_.front() + window_ <= now) {
    taken_.pop_front();
  }
  Verdict verdict;
  verdict.allowed = taken_.size() < limit_;
  if (verdict.allowed) {
    taken_.push_back(now);
  }
  verdict.count = taken_.size();
  if (verdict.count == limit_) {
    verdict.reset =
        std::max(std::chrono::ceil<std::chrono::seconds>(taken_.front() + window_ - now),
                 std::chrono::seconds(1));
  }
  return verdict;
}

}  // namespace gcstream_sim
