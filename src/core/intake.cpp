#include "gcstreamd/core/intake.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

constexpr std::string_view kNumbersBeganAnew = "numbers_began_anew";
/// A heartbeat alone is believed a loss only when it says so twice in a row: what it counts may be
/// behind it. Never one that no stream can have had between two heartbeats.
constexpr unsigned kClaims = 2;
constexpr std::uint64_t kPlausibleTail = 1000000;

}  // namespace

Intake::Intake(Protocol& protocol, Metrics& metrics, Outlet& outlet, GapPolicy gaps,
               SequenceVerifier verifier, Scrub scrub)
    : protocol_(protocol),
      metrics_(metrics),
      outlet_(outlet),
      verifier_(std::move(verifier)),
      gaps_(std::move(gaps)),
      scrub_(std::move(scrub)) {}

Intake::Next Intake::on_message(std::string_view message, const Now& now) {
  const Frame frame = protocol_.decode(message);
  if (const auto* event = std::get_if<Event>(&frame))
    return on_event(*event, message, now);
  if (const auto* refusal = std::get_if<Refusal>(&frame)) {
    refusal_ = *refusal;
    return Next::refused;
  }
  if (const auto* heartbeat = std::get_if<Heartbeat>(&frame))
    return on_heartbeat(*heartbeat, message, now);
  reject(std::get<Rejection>(frame), message, now);
  return Next::go_on;
}

/// One that carries the last number sent tells of a loss that no later event has shown yet.
Intake::Next Intake::on_heartbeat(const Heartbeat& heartbeat, std::string_view message,
                                  const Now& now) {
  metrics_.heartbeat(now.wall);
  judge_.heard_other();
  const auto last = verifier_.last();
  if (expects_reset() || !last || heartbeat.number <= *last)
    return Next::go_on;
  const Hole hole{verifier_.expected(), heartbeat.number};
  if (hole.count() > kPlausibleTail) {
    doubt(hole, message, now);
    return Next::go_on;
  }
  if (gaps_.would_lose(hole, now.steady) && ++claims_ < kClaims)
    return Next::go_on;
  claims_ = 0;
  end_duplicates(now);
  return resume_for(hole, heartbeat.number, now) ? Next::resume : Next::go_on;
}

void Intake::doubt(const Hole& hole, std::string_view message, const Now& now) {
  if (std::exchange(doubted_, true))
    return;
  reject({Rejection::Kind::invalid_event,
          fmt::format("a heartbeat that is {} numbers ahead is not believed", hole.count())},
         message, now);
}

Intake::Next Intake::on_event(const Event& event, std::string_view message, const Now& now) {
  metrics_.event(event.timestamp, now.wall);
  if (event.number == kNoNumber) {
    outlet_.deliver(event, now);
    metrics_.delivered(event, now.wall);
    judge_.heard_new_event(false);
    progress_ = true;
    return Next::go_on;
  }
  Order order = Order::duplicate;
  if (!event.duplicate)
    order = expects_reset() ? Order::reset : verifier_.check(event);
  if (order != Order::duplicate && !duplicates_.by_content)
    end_duplicates(now);
  switch (order) {
    case Order::first:
      return begin_with(event, message);
    case Order::in_order:
      deliver(event, now);
      return Next::go_on;
    case Order::gap:
      return on_gap(event, now);
    case Order::duplicate:
      on_duplicate(event);
      return Next::go_on;
    case Order::reset:
      on_reset(event, now);
      return begin_with(event, message);
  }
  return Next::go_on;
}

void Intake::deliver(const Event& event, const Now& now) {
  outlet_.deliver(event, now);
  metrics_.delivered(event, now.wall);
  verifier_.delivered(event);
  judge_.heard_new_event(true);
  claims_ = 0;
  progress_ = true;
  if (const auto filled = gaps_.on_delivered(event.number))
    outlet_.record(
        AuditRecord("sequence_gap_filled").number("from", filled->from).number("to", filled->to),
        now);
}

Intake::Next Intake::on_gap(const Event& event, const Now& now) {
  if (resume_for({verifier_.expected(), event.number - 1}, event.number, now))
    return Next::resume;
  deliver(event, now);
  return Next::go_on;
}

bool Intake::resume_for(Hole hole, SequenceNumber received, const Now& now) {
  const auto decision = gaps_.on_hole(hole, now.steady);
  if (decision.filled)
    outlet_.record(AuditRecord("sequence_gap_filled")
                       .number("from", decision.filled->from)
                       .number("to", decision.filled->to),
                   now);
  if (decision.newly_found) {
    metrics_.gap();
    outlet_.record(AuditRecord("sequence_gap_detected")
                       .number("expected", hole.from)
                       .number("received", received)
                       .number("missing", hole.count())
                       .text("hint",
                             "a larger buffer_size lets the server hold more for this "
                             "subscription"),
                   now);
  }
  if (!decision.resume)
    lose(hole, decision.cause, now);
  return decision.resume;
}

void Intake::lose_next(std::string_view cause, const Now& now) {
  const SequenceNumber number = verifier_.expected();
  gaps_.on_lost(number);
  lose({number, number}, cause, now);
}

void Intake::give_up_position(std::string_view cause, const Now& now) {
  metrics_.lost(1);  // at least: a loss that nobody can count must not look like none
  outlet_.record(AuditRecord("events_lost")
                     .number("from", verifier_.expected())
                     .null("to")
                     .null("count")
                     .text("cause", cause),
                 now);
  verifier_.forget();
  gaps_.forget();
  outlet_.begin_epoch();
}

void Intake::lose(Hole hole, std::string_view cause, const Now& now) {
  metrics_.lost(hole.count());
  outlet_.record(AuditRecord("events_lost")
                     .number("from", hole.from)
                     .number("to", hole.to)
                     .number("count", hole.count())
                     .text("cause", cause),
                 now);
  verifier_.move_to(hole.to);
  outlet_.pass_over(hole.to);
}

void Intake::on_reset(const Event& event, const Now& now) {
  const auto cause = expects_reset() ? std::exchange(reset_cause_, {}) : kNumbersBeganAnew;
  outlet_.record(AuditRecord("sequence_reset")
                     .number("previous", verifier_.last().value_or(0))
                     .number("received", event.number)
                     .text("cause", cause),
                 now);
  verifier_.forget();
  gaps_.forget();
  outlet_.begin_epoch();
}

/// Where an epoch begins is known durably before its first event is: whatever a crash leaves of the
/// events, all of them can be asked for again.
Intake::Next Intake::begin_with(const Event& event, std::string_view message) {
  verifier_.move_to(event.number - 1);
  outlet_.begin_after(event.number - 1);
  held_ = message;
  return Next::hold;
}

void Intake::release(const Now& now) {
  std::string message = std::exchange(held_, {});
  message.reserve(message.size() + Protocol::kPadding);
  const Frame frame = protocol_.decode(message);
  if (const auto* event = std::get_if<Event>(&frame))
    deliver(*event, now);
}

void Intake::on_duplicate(const Event& event) {
  metrics_.duplicate();
  judge_.heard_duplicate(event.number);
  if (duplicates_.count == 0)
    duplicates_.from = duplicates_.to = event.number;
  duplicates_.from = std::min(duplicates_.from, event.number);
  duplicates_.to = std::max(duplicates_.to, event.number);
  ++duplicates_.count;
  duplicates_.grew = true;
  duplicates_.by_content = event.duplicate;
}

void Intake::end_duplicates(const Now& now) {
  if (duplicates_.count == 0)
    return;
  outlet_.record(AuditRecord("duplicate_suppressed")
                     .number("from", duplicates_.from)
                     .number("to", duplicates_.to)
                     .number("count", duplicates_.count),
                 now);
  duplicates_ = {};
}

void Intake::on_tick(const Now& now) {
  if (!duplicates_.grew)
    end_duplicates(now);
  duplicates_.grew = false;
}

std::string Intake::preview_of(std::string_view message) const {
  constexpr std::size_t kPreview = 200;
  constexpr std::size_t kScrubbed = 65536;
  constexpr std::size_t kLongestSecret = 4096;  // one may be cut in two where the text is cut
  std::string clean = scrub_(message.substr(0, kScrubbed));
  if (message.size() > kScrubbed)
    clean.resize(clean.size() - std::min(clean.size(), kLongestSecret));
  return clip(clean, kPreview);
}

void Intake::reject(const Rejection& rejection, std::string_view message, const Now& now) {
  metrics_.frame_error(rejection.kind);
  auto record = AuditRecord(name(rejection.kind));
  record.text("error", rejection.error).number("bytes", message.size());
  if (previews_)
    record.text("preview", preview_of(message));
  outlet_.record(record, now);
}

bool Intake::take_progress() {
  return std::exchange(progress_, false);
}

}  // namespace gcstreamd
