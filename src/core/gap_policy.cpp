#include "gcstreamd/core/gap_policy.hpp"

#include <algorithm>

namespace gcstreamd {

bool GapPolicy::budget_left(SteadyTime now) {
  constexpr auto kWindow = std::chrono::minutes{1};
  while (!resumes_.empty() && now - resumes_.front() >= kWindow)
    resumes_.pop_front();
  return resumes_.size() < config_.max_resumes_per_minute;
}

std::string_view GapPolicy::cause_of_loss(const Hole& hole, SteadyTime now) {
  if (config_.on_gap == IntegrityConfig::OnGap::record)
    return "on_gap_record";
  if (resumed_for_ == hole.from)
    return "not_filled";
  if (hole.count() < config_.gap_threshold)
    return "below_threshold";
  return budget_left(now) ? "" : "resume_budget";
}

GapPolicy::Decision GapPolicy::on_hole(Hole hole, SteadyTime now) {
  Decision decision;
  const bool known = pending_ && hole.from >= pending_->from && hole.to <= pending_->to;
  decision.newly_found = !known;
  if (pending_ && hole.from > pending_->from)
    decision.filled = Hole{pending_->from, std::min(hole.from - 1, pending_->to)};
  decision.cause = cause_of_loss(hole, now);
  decision.resume = decision.cause.empty();
  if (decision.resume) {
    pending_ = hole;
    resumed_for_ = hole.from;
    resumes_.push_back(now);
  } else {
    pending_.reset();
  }
  return decision;
}

std::optional<Hole> GapPolicy::on_delivered(SequenceNumber number) {
  if (!pending_ || number < pending_->to)
    return std::nullopt;
  const auto filled = pending_;
  pending_.reset();
  return filled;
}

void GapPolicy::on_lost(SequenceNumber number) {
  if (!pending_ || number < pending_->from)
    return;
  if (number < pending_->to)
    pending_->from = number + 1;
  else
    pending_.reset();
}

void GapPolicy::forget() {
  pending_.reset();
  resumed_for_.reset();
}

}  // namespace gcstreamd
