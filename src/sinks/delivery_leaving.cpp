#include <boost/asio/post.hpp>

#include "slot.hpp"

namespace gcstreamd {

/// Ends removed sinks that have nothing left to do. Never called by a sink's own callback.
void Delivery::sweep() {
  std::vector<std::unique_ptr<Slot>> gone;
  for (auto& slot : leaving_)
    if (slot->sink->settled() || slot->state == Slot::State::ended)
      gone.push_back(std::move(slot));
  std::erase(leaving_, nullptr);
  for (auto& slot : gone) {
    if (auto saved = slot->sink->saved(); saved && slot->opened)
      saved_[slot->config.name] = std::move(*saved);
    slot->miss_unwritten();
    report_missed(*slot, slot->cause());
  }
  if (gone.empty())
    return;
  save_where_asked();
  observer_.on_settled();
}

void Delivery::sweep_soon() {
  boost::asio::post(context_.loop, [this, alive = alive_] {
    if (*alive)
      sweep();
  });
}

}  // namespace gcstreamd
