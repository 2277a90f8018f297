#include "simulator/notifications/day_backfill.hpp"

#include <nlohmann/json.hpp>

#include "gcstreamd/core/time_format.hpp"

namespace gcstream_sim {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr int kUnauthorized = 401;
constexpr unsigned kPageSize = 1;  // so that the request budget does not last

std::int64_t milliseconds_of(const json& time) {
  const auto parsed = core::parse_time(time.get<std::string>()).value();
  return std::chrono::floor<milliseconds>(parsed).time_since_epoch().count();
}

}  // namespace

void DayBackfill::tell(const core::Coverage::Records& records) {
  for (const core::AuditRecord& record : records) {
    record_.tell(record);
  }
}

void DayBackfill::begin(const core::CoverageGap& gap) {
  core::BackfillOptions options;
  options.page_size = kPageSize;
  window_ = gap.window;
  asked_ = gap.asked;
  fresh_ = 0;
  plan_.emplace(window_, options);
}

void DayBackfill::live_on() {
  const core::CoverageGap* gap = coverage_.due(clock_.micros());
  if (plan_ == std::nullopt && gap == nullptr) {
    return;
  }
  if (!plan_) {
    begin(*gap);
  }
  while (plan_->next()) {
    if (!desk_.may_ask("day", DayDesk::Urgency::background)) {
      return;
    }
    const auto records = ask();
    if (!records) {
      return fail(records.error());
    }
    for (const core::RecoveredRecord& one : *records) {
      take(one);
    }
  }
  finish();
}

core::Outcome<std::vector<core::RecoveredRecord>> DayBackfill::ask() {
  if (auto fault = desk_.want_token()) {
    return *std::move(fault);
  }
  const auto answer = desk_.ask(core::details_query(kApiUrl, desk_.token(), *plan_->next()));
  if (!answer) {
    return answer.error();
  }
  return plan_->take(*answer, clock_.micros());
}

void DayBackfill::take(const core::RecoveredRecord& one) {
  const auto numbered = numbers_.number_recovered(one.hash);
  if (numbered.duplicate) {
    return;
  }
  ++fresh_;
  record_.numbers.push_back(numbered.number);
  const json conversation = json::parse(one.line).at("conversation");
  const auto id = conversation.at("conversationId").get<std::string>();
  for (const json& participant : conversation.at("participants")) {
    for (const json& segment : participant.at("sessions").at(0).at("segments")) {
      record_.recovered.emplace(key_of_segment(id, milliseconds_of(segment.at("segmentStart"))),
                                asked_);
    }
  }
}

bool DayBackfill::still_first() const {
  const auto& gaps = coverage_.gaps();
  return !gaps.empty() && gaps.front().window == window_;
}

void DayBackfill::finish() {
  plan_.reset();
  if (still_first()) {
    tell(coverage_.filled(fresh_, clock_.micros()));
  }
}

void DayBackfill::fail(const core::Fault& fault) {
  plan_.reset();
  if (fault.kind == core::FaultKind::http_status && fault.code == kUnauthorized) {
    desk_.discard_token();
  }
  const auto failure = core::judge_backfill(fault);
  if (still_first()) {
    tell(coverage_.failed(
        {failure.cause, failure.for_good, clock_.micros() + failure.retry_in, fresh_},
        clock_.micros()));
  }
}

}  // namespace gcstream_sim
