#include <algorithm>

#include "slot.hpp"

namespace gcstreamd {
namespace {

bool any_named(const StreamConfig& stream, const SinkConfig& wanted) {
  return std::any_of(stream.sinks.begin(), stream.sinks.end(), [&](const SinkConfig& sink) {
    return sink.name == wanted.name && sink.type == wanted.type;
  });
}

bool any_writes_to(const StreamConfig& stream, const std::string& path) {
  return std::any_of(stream.sinks.begin(), stream.sinks.end(),
                     [&](const SinkConfig& sink) { return sink.path == path; });
}

bool same_retry(const SinkConfig& one, const SinkConfig& two) {
  return one.retry.base == two.retry.base && one.retry.max == two.retry.max;
}

}  // namespace

void Delivery::reconfigure(const StreamConfig& next) {
  if (closing_)
    return;
  floor_ = position();
  auto before = std::exchange(slots_, {});
  std::vector<Slot*> added;
  std::vector<std::pair<Slot*, const SinkConfig*>> kept;
  for (const SinkConfig& sink : next.sinks) {
    auto slot = keep(before, sink, next);
    if (slot)
      kept.emplace_back(slot.get(), &sink);
    else
      added.push_back((slot = make_slot(sink)).get());
    slots_.push_back(std::move(slot));
  }
  // Old ones write first what they have: a new one may have their path from now on.
  Faults faults;
  let_go(std::move(before), faults);
  for (const auto& [slot, sink] : kept)
    change(*slot, *sink, next);
  leave_moved();
  start(added, faults);
  for (const auto& [slot, error] : faults)
    fail(*slot, error);
  sweep();
  save_where_asked();
  tell_down_or_up();
}

void Delivery::start(const std::vector<Slot*>& added, Faults& faults) {
  for (Slot* slot : added) {
    slot->start = delivered_;
    if (const auto error = try_open(*slot))
      faults.emplace_back(slot, error);
  }
  for (Slot* slot : added)
    report_opening(*slot);
}

/// The slot that goes on as `sink`: the one of this name, or one that got another name and is the
/// same otherwise. Empty: there is none of this type.
std::unique_ptr<Delivery::Slot> Delivery::keep(std::vector<std::unique_ptr<Slot>>& before,
                                               const SinkConfig& sink, const StreamConfig& next) {
  const auto named = [&](const auto& slot) {
    return slot && slot->config.name == sink.name && slot->config.type == sink.type;
  };
  const auto renamed = [&](const auto& slot) {
    return slot && slot->config.type == sink.type && slot->config.path == sink.path &&
           !any_named(next, slot->config);
  };
  auto found = std::find_if(before.begin(), before.end(), named);
  if (found == before.end())
    found = std::find_if(before.begin(), before.end(), renamed);
  return found == before.end() ? nullptr : std::move(*found);
}

void Delivery::change(Slot& slot, const SinkConfig& config, const StreamConfig& next) {
  if (!config.required) {
    slot.owe();
    slot.miss_forgotten();
  }
  const SinkConfig old = std::exchange(slot.config, config);
  if (old.name != config.name)
    saved_.erase(old.name);
  if (config.required && !old.required)
    require(slot);
  if (!same_retry(old, config))
    slot.reset_backoff();
  if (old.rotate != config.rotate)
    tidy(slot, "");
  slot.redact_by(config);
  slot.sink->configure(config, old.path != config.path && any_writes_to(next, old.path));
}

/// From now on. What it missed while it was optional never comes again.
void Delivery::require(Slot& slot) {
  report_missed(slot, slot.cause());
  slot.start = delivered_;
  slot.sink->move_to(delivered_);
}

void Delivery::let_go(std::vector<std::unique_ptr<Slot>> before, Faults& faults) {
  for (auto& slot : before) {
    if (!slot)
      continue;
    slot->removed = true;
    slot->timer.cancel();
    slot->owe();
    slot->miss_forgotten();
    if (slot->state == Slot::State::working)
      if (const auto error = slot->sink->flush())
        faults.emplace_back(slot.get(), error);
    slot->sink->sync();
    leaving_.push_back(std::move(slot));
  }
}

}  // namespace gcstreamd
