#include "gcstreamd/core/errors.hpp"
#include "slot.hpp"

namespace gcstreamd {

std::vector<SinkStatus> Delivery::status() const {
  std::vector<SinkStatus> sinks;
  for (const auto& slot : slots_)
    sinks.push_back(status_of(*slot));
  return sinks;
}

/// Where nothing of this epoch is durable, all that followed its beginning lags.
SinkStatus Delivery::status_of(const Slot& slot) const {
  SinkStatus status;
  status.name = slot.config.name;
  status.type = slot.config.type;
  status.path = slot.config.path;
  status.required = slot.config.required;
  status.state = slot.state;
  status.failures = slot.failures;
  const Place durable = slot.sink->durable();
  if (durable.epoch == delivered_.epoch && durable.number != kNoNumber)
    status.durable = durable.number;
  const bool begun = slot.start.epoch == delivered_.epoch;
  const SequenceNumber from = status.durable.value_or(begun ? slot.start.number : kNoNumber);
  status.lag = delivered_.number > from ? delivered_.number - from : 0;
  if (slot.state != SinkState::working)
    status.error = words_for(slot, slot.last_error);
  return status;
}

}  // namespace gcstreamd
