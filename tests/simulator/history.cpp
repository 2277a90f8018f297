#include "simulator/history.hpp"

#include <algorithm>
#include <utility>

namespace gcstream_sim {

History::History(std::size_t capacity) : capacity_(std::max<std::size_t>(capacity, 1)) {}

std::uint64_t History::append(EventBytes event) {
  if (kept_.size() == capacity_) {
    kept_.pop_front();
  }
  kept_.push_back(std::move(event));
  return ++newest_;
}

void History::restart() {
  kept_.clear();
  newest_ = 0;
}

const EventBytes& History::at(std::uint64_t number) const {
  return kept_.at(static_cast<std::size_t>(number - oldest()));
}

}  // namespace gcstream_sim
