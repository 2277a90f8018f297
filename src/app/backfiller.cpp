#include "gcstreamd/app/backfiller.hpp"

#include <algorithm>
#include <utility>

#include "gcstreamd/core/time_format.hpp"

namespace gcstreamd {
namespace {

constexpr int kUnauthorized = 401;
constexpr std::chrono::seconds kSoon{1};

BackfillOptions options_of(const BackfillConfig& config) {
  BackfillOptions options;
  options.overlap = config.overlap;
  options.lookback = config.lookback;
  return options;
}

bool is_unauthorized(const Fault& fault) {
  return fault.stage != Stage::oauth && fault.kind == FaultKind::http_status &&
         fault.code == kUnauthorized;
}

}  // namespace

Backfiller::Backfiller(BackfillHost& host, const ApiTools& tools, TokenDesk& desk,
                       CoverageKeeper& keeper)
    : host_(host),
      tools_(tools),
      desk_(desk),
      keeper_(keeper),
      call_(tools, tools.config.name, RequestBudget::Urgency::background) {}

void Backfiller::stop() {
  state_ = State::stopped;
  desk_.leave(*this);
  call_.cancel();
}

void Backfiller::go_on() {
  if (state_ == State::idle)
    begin_if_due();
  else if (state_ == State::delivering)
    deliver();
  else if (state_ == State::settling && host_.is_durable(last_))
    finish();
}

void Backfiller::begin_if_due() {
  const Now now = host_.now();
  const CoverageGap* gap = keeper_.coverage().due(now.wall);
  if (!gap)
    return;
  const BackfillConfig& config = tools_.config.notifications.backfill;
  if (!config.enabled) {
    keeper_.changed(keeper_.coverage().failed({"backfill_off", true, now.wall}, now.wall));
    return;
  }
  window_ = gap->window;
  plan_.emplace(window_, options_of(config));
  recovered_ = 0;
  last_ = kNoNumber;
  ask();
}

void Backfiller::ask() {
  if (!plan_->next()) {
    state_ = State::settling;
    return;  // `go_on` looks whether it has settled
  }
  state_ = State::authorizing;
  desk_.want(*this);
}

void Backfiller::on_token() {
  state_ = State::asking;
  call_.start(
      [this] {
        return details_query(tools_.config.endpoints.api_url, desk_.token(), *plan_->next());
      },
      [this](Outcome<HttpResponse> answer) { on_answer(std::move(answer)); });
}

void Backfiller::on_no_token(const Fault& fault) {
  fail(fault);
}

void Backfiller::on_answer(Outcome<HttpResponse> answer) {
  if (!answer) {
    fail(answer.error());
    return;
  }
  auto records = plan_->take(*answer, host_.now().wall);
  if (!records) {
    fail(records.error());
    return;
  }
  token_refused_ = false;
  records_.assign(std::make_move_iterator(records->begin()),
                  std::make_move_iterator(records->end()));
  state_ = State::delivering;
  deliver();
}

/// What a delivery leads to may come back here: each record is taken out first.
void Backfiller::deliver() {
  while (!records_.empty() && host_.may_deliver()) {
    const RecoveredRecord record = std::move(records_.front());
    records_.pop_front();
    const auto number = host_.deliver_recovered(record);
    recovered_ += number ? 1U : 0U;
    last_ = std::max(last_, number.value_or(kNoNumber));
  }
  if (records_.empty() && state_ == State::delivering)
    ask();
}

/// A gap that closed meanwhile may be asked for before this one: then all of it begins again, and
/// the memory knows what was delivered.
bool Backfiller::is_still_first() const {
  const auto& gaps = keeper_.coverage().gaps();
  return !gaps.empty() && gaps.front().window == window_;
}

void Backfiller::finish() {
  state_ = State::idle;
  const bool cut_short = plan_->cut_short();
  plan_.reset();
  if (!is_still_first()) {
    keeper_.coverage().delivered(window_, recovered_);
    return;
  }
  const WallTime now = host_.now().wall;
  const Coverage::Failure failure{"too_many_pages", true, now, recovered_};
  keeper_.changed(cut_short ? keeper_.coverage().failed(failure, now)
                            : keeper_.coverage().filled(recovered_, now));
}

void Backfiller::fail(const Fault& fault) {
  state_ = State::idle;
  plan_.reset();
  records_.clear();
  BackfillFailure failure = judge_backfill(fault);
  failure.for_good = failure.for_good && fault.stage != Stage::oauth;
  if (is_unauthorized(fault)) {
    desk_.source().discard();
    if (!std::exchange(token_refused_, true))
      failure.retry_in = kSoon;
  }
  host_.note(AuditRecord("backfill_failed")
                 .text("from", format_time(window_.from))
                 .text("to", format_time(window_.to))
                 .text("cause", failure.cause)
                 .text("error", host_.shown(fault.what))
                 .text_if("hint", api_hint(fault)));
  if (!is_still_first()) {
    keeper_.coverage().delivered(window_, recovered_);
    return;
  }
  const WallTime now = host_.now().wall;
  keeper_.changed(keeper_.coverage().failed(
      {failure.cause, failure.for_good, now + failure.retry_in, recovered_}, now));
}

}  // namespace gcstreamd
