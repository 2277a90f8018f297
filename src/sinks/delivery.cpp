#include "gcstreamd/sinks/delivery.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/time_format.hpp"
#include "gcstreamd/sinks/registry.hpp"
#include "slot.hpp"

namespace gcstreamd {

using boost::system::error_code;

Delivery::Delivery(const SinkContext& context, const StreamConfig& config,
                   DeliveryObserver& observer)
    : context_(context),
      stream_(config.name),
      replayed_(config.protocol == ProtocolKind::analytics_stream),
      observer_(observer) {
  for (const SinkConfig& sink : config.sinks)
    slots_.push_back(make_slot(sink));
}

Delivery::~Delivery() {
  *alive_ = false;
}

std::unique_ptr<Delivery::Slot> Delivery::make_slot(const SinkConfig& sink) {
  auto slot = std::make_unique<Slot>(sink, context_);
  slot->replayed = replayed_;
  Sink::Callbacks callbacks;
  callbacks.on_durable = [this, raw = slot.get()] { on_durable(*raw); };
  callbacks.on_fault = [this, raw = slot.get()](error_code error) { fail(*raw, error); };
  slot->sink = make_sink(context_, sink, stream_, std::move(callbacks));
  return slot;
}

std::vector<Delivery::Slot*> Delivery::everyone() const {
  std::vector<Slot*> all;
  for (const auto* slots : {&slots_, &leaving_})
    for (const auto& slot : *slots)
      all.push_back(slot.get());
  return all;
}

std::string Delivery::time() const {
  return format_time(observer_.now().wall);
}

std::string Delivery::open(const Start& start) {
  delivered_ = start.place;
  known_ = start.known;
  saved_ = start.sinks;
  trust_tails_ = start.trust_tails;
  number_of_ = start.number_of;
  starting_ = true;
  Faults faults;
  for (auto& slot : slots_) {
    slot->start = start.place;
    const auto error = open(*slot);
    if (error && slot->config.required)
      return fmt::format("sink {}: {}", slot->config.name, words_for(*slot, error));
    if (error)
      faults.emplace_back(slot.get(), error);
  }
  starting_ = false;
  if (std::exchange(trust_tails_, false))
    share_tails();
  catch_up();
  for (auto& slot : slots_)
    report_opening(*slot);
  for (const auto& [slot, error] : faults)
    fail(*slot, error);
  for (auto& slot : slots_)
    tidy(*slot, "");
  save_where_asked();
  return {};
}

std::string Delivery::words_for(const Slot& slot, const error_code& error) {
  const std::string words = slot.sink->words();
  return words.empty() ? fmt::format("{}: {}", slot.config.path, describe_errno(error.value()))
                       : words;
}

error_code Delivery::open(Slot& slot) {
  SinkStart start;
  start.place = slot.start;
  if (const SavedSink* saved = find_saved(slot.config))
    start.saved = *saved;
  slot.redacted = slot.redacted || (start.saved && start.saved->redacted);
  start.trust_tail = trust_tails_;
  start.running = !starting_;
  start.time = time();
  start.number_of = number_of_;
  const auto error = slot.sink->open(start);
  slot.opened = !error;
  if (!slot.opened) {
    keep_start(slot);
    return error;
  }
  slot.file_path = slot.config.path;
  if (!starting_)
    slot.join();
  return error;
}

/// What was saved of the sink, also under a name that it had before. Lines of another type of sink
/// are nothing of it.
const SavedSink* Delivery::find_saved(const SinkConfig& config) const {
  const auto is_of = [&](const SavedSink& saved) {
    return saved.type.empty() || saved.type == config.type;
  };
  if (const auto named = saved_.find(config.name); named != saved_.end())
    return is_of(named->second) ? &named->second : nullptr;
  const auto has_name = [](const std::string& name) {
    return [&name](const auto& slot) { return slot->config.name == name; };
  };
  for (const auto& [name, saved] : saved_)
    if (saved.path == config.path && saved.type == config.type &&
        std::none_of(slots_.begin(), slots_.end(), has_name(name)))
      return &saved;
  return nullptr;
}

/// A sink that never opened is known to a restart all the same: by where it would have begun.
void Delivery::keep_start(const Slot& slot) {
  if (!slot.durable_kind() || find_saved(slot.config))
    return;
  SavedSink never;
  never.type = slot.config.type;
  never.path = slot.config.path;
  never.place = slot.start;
  saved_[slot.config.name] = std::move(never);
}

/// Without a position, a file that tells nothing (an empty one) holds as much as the others tell.
void Delivery::share_tails() {
  std::optional<Place> lowest;
  for (const auto& slot : slots_)
    if (slot->opened && slot->config.required && slot->sink->reached().number != kNoNumber)
      lowest = std::min(lowest.value_or(slot->sink->reached()), slot->sink->reached());
  for (auto& slot : slots_)
    if (lowest && slot->opened && slot->sink->reached().number == kNoNumber)
      slot->sink->move_to(*lowest);
}

/// The stream goes on where every required sink can. What another one lacks until there will not
/// come again.
void Delivery::catch_up() {
  const bool starts_at_a_number = known_;
  delivered_ = std::max(delivered_, replayed_ ? reached() : furthest());
  known_ = known_ || delivered_.number != kNoNumber;
  for (auto& slot : slots_) {
    if (!slot->opened)
      continue;
    const Place held = slot->sink->reached();
    if (held >= delivered_)
      continue;
    if (held.epoch == delivered_.epoch && starts_at_a_number && slot->durable_kind())
      report_lost(*slot, {held.number + 1, delivered_.number}, delivered_.number - held.number,
                  "behind_at_start");
    slot->sink->move_to(delivered_);
  }
}

Place Delivery::reached() const {
  const bool any_required = std::any_of(slots_.begin(), slots_.end(),
                                        [](const auto& slot) { return slot->config.required; });
  std::optional<Place> lowest;
  for (const auto& slot : slots_)
    if (any_required ? slot->config.required : slot->opened && slot->durable_kind())
      lowest = std::min(lowest.value_or(slot->sink->reached()), slot->sink->reached());
  return lowest.value_or(delivered_);
}

Place Delivery::furthest() const {
  Place furthest = delivered_;
  for (const auto& slot : slots_)
    if (slot->opened && slot->config.required)
      furthest = std::max(furthest, slot->sink->reached());
  return furthest;
}

std::vector<Delivery::Held> Delivery::take_held() {
  std::vector<Held> held;
  for (auto& slot : slots_)
    held.push_back({slot->sink->take_held(), slot->redactor, slot->redacted});
  return held;
}

std::optional<WallTime> Delivery::found_timestamp() const {
  std::optional<WallTime> newest;
  for (const auto& slot : slots_)
    newest = std::max(newest, slot->sink->found_timestamp());
  return newest;
}

void Delivery::deliver(const Event& event, const Now& now) {
  const Place place{delivered_.epoch, event.number};
  for (auto& slot : slots_) {
    if (slot->holds(place))
      continue;
    if (slot->state != Slot::State::working) {
      if (slot->misses() && slot->wants(event))
        slot->miss(event.number);
      continue;
    }
    if (slot->wants(event))
      hand_over(*slot, event, now);
    if (event.number != kNoNumber)
      slot->sink->move_to(place);
  }
  if (event.number == kNoNumber)
    return;
  delivered_ = std::max(delivered_, place);
  known_ = true;
}

void Delivery::hand_over(Slot& slot, const Event& event, const Now& now) {
  if (!slot.redactor) {
    slot.sink->append(event, now);
    return;
  }
  const auto shown = slot.redactor->redact(event.line);
  if (!shown) {
    report_lost(slot, {event.number, event.number}, 1, "not_redactable");
    return;
  }
  Event redacted = event;
  redacted.line = *shown;
  slot.sink->append(redacted, now);
}

void Delivery::record(const AuditRecord& record, const Now& now) {
  for (auto& slot : slots_)
    if (slot->opened)
      slot->sink->record(record, now);
  observer_.on_record(record);
}

void Delivery::pass_over(SequenceNumber number) {
  delivered_.number = number;
  known_ = true;
  for (auto& slot : slots_)
    if (slot->state == Slot::State::working && !slot->holds(delivered_))
      slot->sink->move_to(delivered_);
}

void Delivery::begin_epoch() {
  for (auto& slot : slots_)
    report_missed(*slot, slot->cause());  // these numbers have a meaning in the old epoch only
  delivered_ = Place{delivered_.epoch + 1, kNoNumber};
  known_ = false;
  for (auto& slot : slots_) {
    slot->start = delivered_;
    slot->sink->move_to(delivered_);
  }
}

void Delivery::begin_after(SequenceNumber number) {
  delivered_.number = number;
  known_ = true;
  for (auto& slot : slots_) {
    slot->start = delivered_;
    if (slot->opened)
      slot->sink->move_to(delivered_);
  }
}

/// Those that keep nothing first: after a crash a reader of theirs may see events twice, and misses
/// none that a file holds.
void Delivery::flush() {
  for (const bool durable : {false, true})
    for (auto& slot : slots_)
      if (slot->state == Slot::State::working && slot->durable_kind() == durable)
        if (const auto error = slot->sink->flush())
          fail(*slot, error);
  rotate_due();
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
    if (const auto dropped = slot->sink->take_dropped(count))
      report_lost(*slot, *dropped, count, "reader_stalled");
  }
  tick_sinks(/*last=*/closing_);
  rotate_due();
  save_where_asked();
}

void Delivery::tick_sinks(bool last) {
  for (auto& slot : slots_)
    if (slot->opened && slot->state == Slot::State::working)
      if (const auto news = slot->sink->on_tick(observer_.now(), last))
        observer_.on_record(*news);
}

void Delivery::renew_keys(const StreamConfig& next) {
  for (auto& slot : slots_)
    for (const SinkConfig& sink : next.sinks)
      if (sink.name == slot->config.name) {
        slot->config = sink;
        slot->redact_by(sink);
        slot->sink->configure(sink, /*shared=*/false);
      }
}

/// Without a required sink, what the others hold is all that there is to go by; without any that
/// works, the position stays where it was. A sink that was required counts until it holds what it
/// took as such: else a change of the sinks would move the position over what is not durable yet.
std::optional<Place> Delivery::position() const {
  const bool any_required = std::any_of(slots_.begin(), slots_.end(),
                                        [](const auto& slot) { return slot->config.required; });
  std::optional<Place> lowest;
  const auto count = [&](const Slot& slot) {
    lowest = std::min(lowest.value_or(delivered_), slot.sink->durable());
  };
  for (const auto& slot : slots_)
    if (any_required ? slot->config.required : slot->state == Slot::State::working)
      count(*slot);
  for (const Slot* slot : everyone())
    if (slot->owes())
      count(*slot);
  const bool known = known_ && lowest && lowest->epoch == delivered_.epoch;
  if (!floor_ || floor_->epoch != delivered_.epoch)
    return known ? lowest : std::nullopt;
  return known ? std::max(*lowest, *floor_) : floor_;
}

std::map<std::string, SavedSink> Delivery::saved_sinks() const {
  auto saved = saved_;
  for (const auto* slots : {&leaving_, &slots_})
    for (const auto& slot : *slots)
      if (auto sink = slot->sink->saved(); sink && slot->opened) {
        sink->redacted = slot->redacted;
        saved[slot->config.name] = std::move(*sink);
      }
  return saved;
}

bool Delivery::secured() const {
  return std::all_of(slots_.begin(), slots_.end(), [](const auto& slot) {
    return !slot->config.required || (slot->state == Slot::State::working && slot->sink->settled());
  });
}

bool Delivery::behind() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) {
    return slot->config.required && slot->state == Slot::State::working && slot->sink->crowded();
  });
}

}  // namespace gcstreamd
