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
    : context_(context), stream_(config.name), observer_(observer) {
  for (const SinkConfig& sink : config.sinks)
    slots_.push_back(make_slot(sink));
}

Delivery::~Delivery() {
  *alive_ = false;
}

std::unique_ptr<Delivery::Slot> Delivery::make_slot(const SinkConfig& sink) {
  auto slot = std::make_unique<Slot>(sink, context_);
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

std::string Delivery::open(Place place, const std::map<std::string, ChainHead>& heads) {
  delivered_ = place;
  saved_heads_ = heads;
  Faults faults;
  for (auto& slot : slots_) {
    slot->start = place;
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
  const SinkStart start{slot.start, head == saved_heads_.end() ? ChainHead{} : head->second,
                        time()};
  const auto error = slot.sink->open(start);
  slot.opened = !error;
  if (slot.opened)
    slot.file_path = slot.config.path;
  return error;
}

void Delivery::deliver(const Event& event, const Now& now) {
  const Place place{delivered_.epoch, event.number};
  for (auto& slot : slots_) {
    if (slot->holds(place))
      continue;
    if (slot->state != Slot::State::working) {
      if (!slot->config.required && slot->wants(event))
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
  for (auto& slot : slots_)
    report_missed(*slot, slot->cause());  // these numbers have a meaning in the old epoch only
  delivered_ = Place{delivered_.epoch + 1, kNoNumber};
  for (auto& slot : slots_) {
    slot->start = delivered_;
    slot->sink->move_to(delivered_);
  }
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
    if (const auto dropped = slot->sink->take_dropped(count))
      report_lost(*slot, *dropped, count, "reader_stalled");
  }
}

void Delivery::close() {
  closing_ = true;
  on_tick();
  flush();
  sweep();
  for (auto& slot : slots_)
    if (!slot->moving)
      tell_unwritten(*slot);
  write_out();
  if (reopening_ == Reopening::saving)
    enter_all();
}

void Delivery::tell_unwritten(Slot& slot) {
  if (slot.config.required || slot.removed)
    return;
  slot.miss_unwritten();
  report_missed(slot, slot.state == Slot::State::ended ? slot.cause() : "stopped_before_written");
}

void Delivery::write_out() {
  flush();
  for (auto& slot : slots_)
    slot->sink->sync();
}

bool Delivery::settled() const {
  const auto settled = [](const auto& slot) {
    return (!slot->config.required && !slot->up()) || slot->sink->settled();
  };
  return leaving_.empty() && std::all_of(slots_.begin(), slots_.end(), settled);
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
  const bool known = lowest && lowest->epoch == delivered_.epoch && lowest->number != kNoNumber;
  if (!floor_ || floor_->epoch != delivered_.epoch)
    return known ? lowest : std::nullopt;
  return known ? std::max(*lowest, *floor_) : floor_;
}

std::map<std::string, ChainHead> Delivery::chain_heads() const {
  auto heads = saved_heads_;
  for (const auto* slots : {&leaving_, &slots_})
    for (const auto& slot : *slots)
      if (auto head = slot->sink->chain_head(); head && slot->opened)
        heads[slot->config.name] = std::move(*head);
  return heads;
}

}  // namespace gcstreamd
