#include "slot.hpp"

#include <functional>

#include "redaction.hpp"

namespace gcstreamd {
namespace {

Backoff make_backoff(const SinkConfig& config) {
  return {config.retry, std::hash<std::string>{}(config.path + config.name)};
}

}  // namespace

Delivery::Slot::Slot(const SinkConfig& sink_config, const SinkContext& context)
    : config(sink_config), retry(make_backoff(sink_config)), timer(context.loop) {
  redact_by(sink_config);
}

void Delivery::Slot::redact_by(const SinkConfig& sink_config) {
  redactor = make_redactor(sink_config);
  redacted = redacted || redactor;
}

bool Delivery::Slot::wants(const Event& event) const {
  return config.event_types.empty() ||
         std::find(config.event_types.begin(), config.event_types.end(), event.type) !=
             config.event_types.end();
}

void Delivery::Slot::miss(SequenceNumber number) {
  if (number != kNoNumber && number <= missed.to)
    return;  // it came again
  ++missed_count;
  if (number == kNoNumber)
    return;
  if (missed.from == 0)
    missed.from = number;
  missed.to = number;
}

void Delivery::Slot::miss_unwritten() {
  Hole range;
  const auto unwritten = opened ? sink->unwritten(range) : 0;
  miss(range, unwritten);
}

void Delivery::Slot::miss(const Hole& range, std::uint64_t count) {
  if (count == 0)
    return;
  if (range.from <= range.to)
    missed = {range.from, std::max(range.to, missed.to)};
  missed_count += count;
}

void Delivery::Slot::join() {
  const Place held = sink->reached();
  if (held < start) {
    if (!std::exchange(joined, true) && held.epoch == start.epoch && held.number != kNoNumber &&
        misses())
      miss({held.number + 1, start.number}, start.number - held.number);
    sink->move_to(start);
    return;
  }
  if (missed_count == 0 || held.number < missed.from)
    return;
  const auto known = std::min(held.number, missed.to) - missed.from + 1;
  missed.from += known;
  missed_count -= std::min(missed_count, known);
}

void Delivery::Slot::owe() {
  if (config.required && up())
    owed = sink->reached();
}

bool Delivery::Slot::writes_to(const std::string& path) const {
  return opened && up() && file_path == path && !moving;
}

void Delivery::Slot::miss_forgotten() {
  miss(std::exchange(forgotten, Hole{}), std::exchange(forgotten_count, 0));
}

bool Delivery::Slot::uses(const std::string& path) const {
  if (!opened || !up())
    return false;
  if (removed)  // written to the end; what waits goes to the file behind its own path
    return (moving || sink->unsaved()) && config.path == path;
  return writes_to(path);
}

std::string_view Delivery::Slot::cause() const {
  if (state == State::ended)
    return "reader_left";
  return removed ? "sink_removed" : "sink_failed";
}

void Delivery::Slot::reset_backoff() {
  retry = make_backoff(config);
}

}  // namespace gcstreamd
