#include "gcstreamd/core/subscription_judge.hpp"

#include "gcstreamd/core/refusal.hpp"

namespace gcstreamd {
namespace {

constexpr int kBadPayload = 1007;
constexpr int kPolicy = 1008;
constexpr int kTooBig = 1009;
constexpr int kHttpBase = 4000;  ///< 4403 stands for HTTP 403

/// Closes that tell of the server's own state or of the way to it, whatever was asked.
bool is_servers_own(int code) {
  switch (code) {
    case 1001:
    case 1006:
    case 1011:
    case 1012:
    case 1013:
    case 1014:
      return true;
    default:
      return false;
  }
}

/// Statuses that a server can mean the position by. Others tell of rights, of rates, of what stands
/// in between, or of the server's own state.
bool may_mean_position(int status) {
  switch (status) {
    case 400:
    case 404:
    case 409:
    case 410:
    case 412:
    case 416:
    case 422:
      return true;
    default:
      return false;
  }
}

}  // namespace

void SubscriptionJudge::subscribed(std::optional<SequenceNumber> position) {
  asked_ = position;
  heard_new_ = ignored_ = heard_other_ = false;
}

void SubscriptionJudge::heard_duplicate(SequenceNumber number) {
  if (number == asked_) {  // caught up: it has nothing newer
    ignored_ = false;
    heard_other();
  }
  ignored_ = ignored_ || (asked_ && !heard_other_ && (number == 1 || number + kOverlap <= *asked_));
}

void SubscriptionJudge::heard_other() {
  heard_other_ = true;
  stale_ = 0;  // it took the position
}

void SubscriptionJudge::heard_new_event(bool numbered) {
  heard_new_ = true;
  stale_ = 0;
  if (numbered)
    poisoned_at_.reset();  // the position moved
}

SubscriptionJudge::Verdict SubscriptionJudge::ended(const End& end) {
  if (end.fault.kind == FaultKind::cancelled)
    return Verdict::ordinary;
  if (is_poison(end))
    return Verdict::poison;
  if (heard_new_ || heard_other_)
    return Verdict::ordinary;
  const bool by_close_frame = end.fault.kind == FaultKind::close_code && !end.by_client;
  if (!ignored_ && by_close_frame && is_refusal(end))
    return Verdict::refused;
  const bool closed_at_once = !ignored_ && by_close_frame && !is_servers_own(end.fault.code);
  if (!end.at_once && !ignored_)
    stale_ = 0;  // it took the position
  else if (asked_ && (closed_at_once || ignored_))
    return count_stale();
  return Verdict::ordinary;
}

SubscriptionJudge::Verdict SubscriptionJudge::refused(int status) {
  refused_status_ = status;
  const bool of_the_position = asked_ && !heard_new_ && !heard_other_ && may_mean_position(status);
  return of_the_position && count_stale() == Verdict::stale ? Verdict::stale : Verdict::refused;
}

SubscriptionJudge::Verdict SubscriptionJudge::count_stale() {
  if (++stale_ < kStaleAfter)
    return Verdict::ordinary;
  stale_ = 0;
  return Verdict::stale;
}

/// The same bytes come again from the same position: a second failure there is the event's own.
bool SubscriptionJudge::is_poison(const End& end) {
  const bool of_a_message = end.fault.kind == FaultKind::close_code && end.by_client &&
                            (end.fault.code == kBadPayload || end.fault.code == kTooBig);
  if (!of_a_message || !end.position)
    return false;
  const bool again = poisoned_at_ == end.position;
  poisoned_at_ = end.position;
  return again;
}

bool SubscriptionJudge::is_refusal(const End& end) {
  const int from_code = end.fault.code - kHttpBase;
  refused_status_ = from_code == 401 || from_code == 403 || from_code == 429
                        ? from_code
                        : status_in_words(end.reason);
  if (refused_status_ == 0 && end.fault.code == kPolicy && !speaks_of_position(end.reason))
    refused_status_ = 403;
  return refused_status_ != 0;
}

}  // namespace gcstreamd
