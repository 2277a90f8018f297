#include <algorithm>
#include <utility>

#include "slot.hpp"

namespace gcstreamd {

void Delivery::close() {
  closing_ = true;
  on_tick();
  flush();
  sweep();
  for (auto& slot : slots_)
    if (!slot->moving && !slot->sink->unsaved())
      tell_unwritten(*slot);
  write_out();
  for (Slot* slot : everyone())
    if (slot->moving && std::exchange(slot->in_save, false))
      enter(*slot);
}

void Delivery::tell_unwritten(Slot& slot) {
  if (slot.config.required || slot.removed)
    return;
  slot.miss_unwritten();
  report_missed(slot, slot.state == Slot::State::ended ? slot.cause() : "stopped_before_written");
  if (slot.state == Slot::State::failed)
    give_up(slot);
}

/// What was told as lost is not to be there after all.
void Delivery::give_up(Slot& slot) {
  slot.timer.cancel();
  slot.sink->give_up();
  slot.state = Slot::State::ended;
}

void Delivery::write_out() {
  flush();
  for (auto& slot : slots_)
    slot->sink->sync();
}

bool Delivery::settled() const {
  return leaving_.empty() && required_settled() &&
         std::all_of(slots_.begin(), slots_.end(), [](const auto& slot) {
           return slot->config.required || !slot->up() || slot->settled();
         });
}

bool Delivery::required_settled() const {
  return std::all_of(slots_.begin(), slots_.end(),
                     [](const auto& slot) { return !slot->config.required || slot->settled(); });
}

}  // namespace gcstreamd
