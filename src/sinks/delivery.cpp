#include "gcstreamd/sinks/delivery.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gcstreamd/core/backoff.hpp"
#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/time_format.hpp"
#include "gcstreamd/sinks/registry.hpp"

namespace gcstreamd {

using boost::system::error_code;

/// One sink with what the delivery knows about it.
struct Delivery::Slot {
  enum class State {
    working,
    failed,   ///< opened again by and by
    proving,  ///< opened again; works once a sync has succeeded
    ended,    ///< for good
  };

  Slot(const SinkConfig& sink_config, const SinkContext& context)
      : config(sink_config),
        retry(config.retry, std::hash<std::string>{}(config.path + config.name)),
        timer(context.loop) {}

  bool wants(const Event& event) const {
    return config.event_types.empty() ||
           std::find(config.event_types.begin(), config.event_types.end(), event.type) !=
               config.event_types.end();
  }
  bool holds(Place place) const { return place.number != kNoNumber && place <= sink->reached(); }
  void miss(SequenceNumber number) {
    ++missed_count;
    if (number == kNoNumber)
      return;
    if (missed.from == 0)
      missed.from = number;
    missed.to = number;
  }

  SinkConfig config;
  std::unique_ptr<Sink> sink;
  State state = State::working;
  bool opened = false;
  error_code last_error;
  Backoff retry;
  boost::asio::steady_timer timer;
  Hole missed;
  std::uint64_t missed_count = 0;
};

Delivery::Delivery(const SinkContext& context, const StreamConfig& config,
                   DeliveryObserver& observer)
    : observer_(observer) {
  for (const SinkConfig& sink : config.sinks) {
    auto slot = std::make_unique<Slot>(sink, context);
    Sink::Callbacks callbacks;
    callbacks.on_durable = [this, raw = slot.get()] { on_durable(*raw); };
    callbacks.on_fault = [this, raw = slot.get()](error_code error) { fail(*raw, error); };
    slot->sink = make_sink(context, sink, config.name, std::move(callbacks));
    slots_.push_back(std::move(slot));
  }
}

Delivery::~Delivery() = default;

std::string Delivery::open(Place place, const std::map<std::string, ChainHead>& heads) {
  delivered_ = place;
  saved_heads_ = heads;
  std::vector<std::pair<Slot*, error_code>> faults;
  for (auto& slot : slots_) {
    const auto error = open(*slot);
    if (error && slot->config.required)
      return fmt::format("sink {}: {}: {}", slot->config.name, slot->config.path,
                         describe_errno(error.value()));
    if (error)
      faults.emplace_back(slot.get(), error);
  }
  for (auto& slot : slots_)
    report_repair(*slot);
  for (const auto& [slot, error] : faults)
    fail(*slot, error);
  return {};
}

error_code Delivery::open(Slot& slot) {
  const auto head = saved_heads_.find(slot.config.name);
  const SinkStart start{delivered_, head == saved_heads_.end() ? ChainHead{} : head->second,
                        format_time(observer_.now().wall)};
  const auto error = slot.sink->open(start);
  slot.opened = !error;
  return error;
}

void Delivery::report_repair(Slot& slot) {
  if (const auto repair = slot.sink->take_repair())
    report(AuditRecord("torn_tail_repaired")
               .text("path", repair->path)
               .number("bytes", repair->bytes)
               .text("movedTo", repair->moved_to));
}

void Delivery::deliver(const Event& event, const Now& now) {
  const Place place{delivered_.epoch, event.number};
  for (auto& slot : slots_) {
    if (slot->state == Slot::State::ended || slot->holds(place))
      continue;
    if (slot->state != Slot::State::working) {
      if (slot->wants(event))
        slot->miss(event.number);
      continue;
    }
    if (slot->wants(event))
      slot->sink->append(event, now);
    if (event.number != kNoNumber)
      slot->sink->move_to(place);
  }
  if (event.number != kNoNumber)
    delivered_ = std::max(delivered_, place);
}

void Delivery::record(const AuditRecord& record, const Now& now) {
  for (auto& slot : slots_)
    if (slot->opened)
      slot->sink->record(record, now);
  observer_.on_record(record);
}

void Delivery::pass_over(SequenceNumber number) {
  delivered_.number = number;
  for (auto& slot : slots_)
    if (slot->state == Slot::State::working && !slot->holds(delivered_))
      slot->sink->move_to(delivered_);
}

void Delivery::begin_epoch() {
  delivered_ = Place{delivered_.epoch + 1, kNoNumber};
  for (auto& slot : slots_)
    slot->sink->move_to(delivered_);
}

void Delivery::flush() {
  for (auto& slot : slots_)
    if (slot->state == Slot::State::working)
      if (const auto error = slot->sink->flush())
        fail(*slot, error);
}

void Delivery::flush_if_full() {
  const bool full = std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) {
    return slot->state == Slot::State::working && slot->sink->waiting() >= LogFile::kBatchBytes;
  });
  if (full)
    flush();
}

void Delivery::on_tick() {
  for (auto& slot : slots_) {
    std::uint64_t count = 0;
    if (const auto dropped = slot->sink->take_dropped(count)) {
      slot->missed = *dropped;
      slot->missed_count = count;
      report_missed(*slot, "reader_stalled");
    }
  }
}

void Delivery::close() {
  on_tick();
  flush();
  for (auto& slot : slots_) {
    Hole range;
    const auto unwritten = slot->sink->unwritten(range);
    if (slot->config.required || slot->state == Slot::State::ended)
      continue;
    if (slot->opened && unwritten > 0) {
      slot->missed = {range.from, std::max(range.to, slot->missed.to)};
      slot->missed_count += unwritten;
    }
    report_missed(*slot, "stopped_before_written");
  }
  flush();
  for (auto& slot : slots_)
    slot->sink->sync();
}

bool Delivery::settled() const {
  return std::all_of(slots_.begin(), slots_.end(), [](const auto& slot) {
    const bool given_up = !slot->config.required &&
                          (slot->state == Slot::State::failed || slot->state == Slot::State::ended);
    return given_up || slot->sink->settled();
  });
}

/// Without a required sink, what the others hold is all that there is to go by; without any that
/// works, the position stays where it was.
std::optional<Place> Delivery::position() const {
  const bool any_required = std::any_of(slots_.begin(), slots_.end(),
                                        [](const auto& slot) { return slot->config.required; });
  std::optional<Place> lowest;
  for (const auto& slot : slots_)
    if (any_required ? slot->config.required : slot->state == Slot::State::working)
      lowest = std::min(lowest.value_or(delivered_), slot->sink->durable());
  const bool known = lowest && lowest->epoch == delivered_.epoch && lowest->number != kNoNumber;
  return known ? lowest : std::nullopt;
}

std::map<std::string, ChainHead> Delivery::chain_heads() const {
  auto heads = saved_heads_;
  for (const auto& slot : slots_)
    if (auto head = slot->sink->chain_head(); head && slot->opened)
      heads[slot->config.name] = std::move(*head);
  return heads;
}

void Delivery::fail(Slot& slot, const error_code& error) {
  tell_of_failure(slot, error);
  observer_.on_settled();
}

AuditRecord Delivery::sink_failed(const Slot& slot, bool over) {
  return AuditRecord("sink_failed")
      .text("sink", slot.config.name)
      .text("error", describe_errno(slot.last_error.value()))
      .number("position", slot.sink->durable().number)
      .text("hint", over ? "nobody reads there any more: this sink is not tried again"
                         : "free space or mend the path: the sink is opened again by itself; "
                           "a restart resumes at the position");
}

void Delivery::tell_of_failure(Slot& slot, const error_code& error) {
  if (slot.state == Slot::State::proving) {  // told already
    slot.state = Slot::State::failed;
    retry_later(slot);
  }
  if (slot.state != Slot::State::working)
    return;
  slot.last_error = error;
  const bool over = slot.sink->ends_with(error);
  slot.state = over ? Slot::State::ended : Slot::State::failed;
  report(sink_failed(slot, over));
  if (!over)
    retry_later(slot);
  if (required_down() && !told_down_) {
    told_down_ = true;
    observer_.on_sinks_down();
  }
}

void Delivery::retry_later(Slot& slot) {
  slot.timer.expires_after(slot.retry.next());
  slot.timer.async_wait([this, &slot](const error_code& aborted) {
    if (!aborted)
      retry(slot);
  });
}

void Delivery::retry(Slot& slot) {
  if (const auto error = slot.opened ? slot.sink->recover() : open(slot)) {
    if (error != slot.last_error) {  // once for each reason
      slot.last_error = error;
      report(sink_failed(slot, false));
    }
    retry_later(slot);
    return;
  }
  // A disk that takes writes and fails every sync is no better than before.
  slot.state = Slot::State::proving;
  slot.sink->sync();
  if (slot.sink->settled())
    up(slot);
}

void Delivery::on_durable(Slot& slot) {
  if (slot.state == Slot::State::proving)
    up(slot);
  observer_.on_settled();
}

void Delivery::up(Slot& slot) {
  slot.retry.reset();
  slot.state = Slot::State::working;
  report(AuditRecord("sink_recovered")
             .text("sink", slot.config.name)
             .number("position", slot.sink->reached().number));
  report_repair(slot);
  if (!slot.config.required) {
    report_missed(slot, "sink_failed");
    slot.sink->move_to(delivered_);
  }
  if (told_down_ && !required_down()) {
    told_down_ = false;
    observer_.on_sinks_up();
  }
}

void Delivery::report_missed(Slot& slot, std::string_view cause) {
  const Hole missed = std::exchange(slot.missed, Hole{});
  const auto count = std::exchange(slot.missed_count, 0);
  if (count == 0)
    return;
  report(AuditRecord("events_lost")
             .number("from", missed.from)
             .number("to", missed.to)
             .number("count", count)
             .text("cause", cause)
             .text("sink", slot.config.name));
}

bool Delivery::required_down() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) {
    return slot->config.required && slot->state != Slot::State::working;
  });
}

}  // namespace gcstreamd
