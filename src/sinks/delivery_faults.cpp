#include <algorithm>
#include <boost/asio/post.hpp>

#include "gcstreamd/core/errors.hpp"
#include "slot.hpp"

namespace gcstreamd {

using boost::system::error_code;

void Delivery::fail(Slot& slot, const error_code& error) {
  tell_of_failure(slot, error);
  if (slot.removed)
    sweep_soon();
  save_where_asked();
  observer_.on_settled();
}

void Delivery::tell_of_failure(Slot& slot, const error_code& error) {
  slot.owed = {};
  slot.in_save = false;
  forget_opening(slot);
  if (slot.state == Slot::State::proving) {  // told already
    slot.state = Slot::State::failed;
    retry_later(slot);
    return;
  }
  if (slot.state != Slot::State::working)
    return;
  slot.moving = slot.rotating = false;
  ++slot.failures;
  slot.last_error = error;
  slot.state = slot.sink->ends_with(error) ? Slot::State::ended : Slot::State::failed;
  report(sink_failed(slot));
  if (slot.state == Slot::State::failed)
    retry_later(slot);
  if (closing_)
    tell_unwritten(slot);
  tell_down_or_up();
}

AuditRecord Delivery::sink_failed(const Slot& slot) {
  std::string_view hint =
      "free space or mend the path: the sink is opened again by itself; a restart resumes at the "
      "position";
  if (slot.state == Slot::State::ended)
    hint = "nobody reads there any more: this sink is not tried again";
  else if (slot.removed)
    hint = "the sink was removed from the configuration: what it lacks is told as lost";
  const std::string words = slot.sink->words();
  const std::string error = words.empty() ? describe_errno(slot.last_error.value()) : words;
  return AuditRecord("sink_failed")
      .text("sink", slot.config.name)
      .text("error", error)
      .number("position", slot.sink->durable().number)
      .text("hint", hint);
}

/// A removed sink is not opened again: what it could not write is told when it goes.
void Delivery::retry_later(Slot& slot) {
  if (!slot.removed)
    wait(slot, slot.retry.next());
}

void Delivery::retry_now(Slot& slot) {
  wait(slot, {});
}

void Delivery::wait(Slot& slot, std::chrono::milliseconds delay) {
  slot.timer.expires_after(delay);
  slot.timer.async_wait([this, &slot, alive = slot.alive](const error_code& aborted) {
    if (!aborted && *alive && slot.state == Slot::State::failed && !slot.removed)
      retry(slot);
  });
}

void Delivery::retry(Slot& slot) {
  Hole range;
  const Place before = slot.sink->reached();
  const auto unwritten = slot.opened ? slot.sink->unwritten(range) : 0;
  const auto error = try_open(slot);
  if (!error && slot.misses() && slot.sink->reached() < before)
    slot.miss(range, unwritten);  // it went back, and they do not come again for its sake
  slot.awaits_sync = error == not_yet();
  if (!error) {
    // A disk that takes writes and fails every sync is no better than before.
    slot.state = Slot::State::proving;
    slot.file_path = slot.config.path;
    report_opening(slot);
    slot.sink->sync();
    prove(slot);
    return;
  }
  if (error != not_yet() && error != slot.last_error) {  // once for each reason
    slot.last_error = error;
    report(sink_failed(slot));
  }
  retry_later(slot);
}

void Delivery::prove(Slot& slot) {
  if (slot.sink->unsaved())
    save_where_asked();
  else if (slot.sink->settled())
    up(slot);
}

/// A file whose first sync failed was never one that a restart would know: it is looked at anew.
void Delivery::forget_opening(Slot& slot) {
  if (!slot.opened || !slot.sink->unsaved() || slot.sink->awaits_save())
    return;
  slot.forgotten_count = slot.sink->unwritten(slot.forgotten);
  if (slot.misses())
    slot.miss_forgotten();
  slot.opened = false;
}

error_code Delivery::try_open(Slot& slot) {
  if (taken(slot))
    return not_yet();
  if (!slot.opened)
    return open(slot);
  hold_back(slot);
  return slot.sink->recover(time());
}

/// Two sinks never write to one file at a time, also while they change places.
bool Delivery::taken(const Slot& slot) const {
  const auto all = everyone();
  return !slot.config.path.empty() && std::any_of(all.begin(), all.end(), [&](const Slot* other) {
    return other != &slot && other->uses(slot.config.path);
  });
}

void Delivery::on_durable(Slot& slot) {
  if (slot.state == Slot::State::proving && !slot.sink->unsaved())
    up(slot);
  else if (slot.state == Slot::State::failed && slot.awaits_sync)
    retry_now(slot);
  if (slot.removed)
    sweep_soon();
  save_where_asked();
  observer_.on_settled();
}

void Delivery::up(Slot& slot) {
  slot.retry.reset();
  slot.forgotten_count = 0;
  slot.state = Slot::State::working;
  report(AuditRecord("sink_recovered")
             .text("sink", slot.config.name)
             .number("position", slot.sink->reached().number));
  if (slot.misses()) {
    report_missed(slot, slot.cause());
    if (!slot.removed)
      slot.sink->move_to(delivered_);
  }
  tell_down_or_up();
  if (std::exchange(slot.move_when_up, false))
    reopen();
}

void Delivery::report(const AuditRecord& news) {
  record(news, observer_.now());
  if (!closing_)
    return;
  boost::asio::post(context_.loop, [this, alive = alive_] {
    if (!*alive)
      return;
    write_out();
    observer_.on_settled();  // where nothing is synced, no sync tells it
  });
}

void Delivery::report_repairs(Slot& slot) {
  for (const SinkRepair& repair : slot.sink->take_repairs())
    report(AuditRecord("torn_tail_repaired")
               .text("path", repair.path)
               .number("bytes", repair.bytes)
               .text("movedTo", repair.moved_to));
}

/// What was found when its file was opened.
void Delivery::report_opening(Slot& slot) {
  report_repairs(slot);
  const auto cut = slot.sink->take_cut();
  if (!cut)
    return;
  AuditRecord lost("events_lost");
  if (cut->from == kNoNumber)
    lost.null("from").number("to", cut->to).null("count");
  else
    lost.number("from", cut->from).number("to", cut->to).number("count", cut->to - cut->from + 1);
  report(lost.number("bytes", cut->bytes).text("cause", "file_cut").text("sink", slot.config.name));
}

void Delivery::report_missed(Slot& slot, std::string_view cause) {
  const Hole missed = std::exchange(slot.missed, Hole{});
  const auto count = std::exchange(slot.missed_count, 0);
  if (count > 0)
    report_lost(slot, missed, count, cause);
}

void Delivery::report_lost(const Slot& slot, Hole range, std::uint64_t count,
                           std::string_view cause) {
  report(AuditRecord("events_lost")
             .number("from", range.from)
             .number("to", range.to)
             .number("count", count)
             .text("cause", cause)
             .text("sink", slot.config.name));
}

bool Delivery::required_down() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) {
    return slot->config.required && slot->state != Slot::State::working;
  });
}

void Delivery::tell_down_or_up() {
  const bool down = required_down();
  if (down == std::exchange(told_down_, down))
    return;
  if (down)
    observer_.on_sinks_down();
  else
    observer_.on_sinks_up();
}

}  // namespace gcstreamd
