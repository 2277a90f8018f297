#include "simulator/faults.hpp"

namespace gcstream_sim {
namespace {

// The finalizer of splitmix64: neighbours come out far apart.
std::uint64_t scatter(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

}  // namespace

bool Faults::hits_at_random(std::uint64_t number) const {
  return options_.drop_about != 0 && scatter(scatter(seed_) + number) % options_.drop_about == 0;
}

const EventFault* Faults::scripted(std::uint64_t number) const {
  if (scripted_.empty()) {
    return nullptr;
  }
  const auto found = scripted_.find(number);
  return found == scripted_.end() ? nullptr : &found->second;
}

void Faults::forget_below(std::uint64_t number) {
  scripted_.erase(scripted_.begin(), scripted_.lower_bound(number));
}

void Faults::restart() {
  scripted_.clear();
  last_cut_ = 0;
}

bool Faults::never_sent(std::uint64_t number) const {
  const EventFault* fault = scripted(number);
  return fault != nullptr ? fault->lost : hits(number, options_.lose_every);
}

bool Faults::poisoned(std::uint64_t number) const {
  const EventFault* fault = scripted(number);
  return (options_.poison_at != 0 && number == options_.poison_at) ||
         (fault != nullptr && fault->always.has_value());
}

bool Faults::held_back_live(std::uint64_t number) const {
  const EventFault* fault = scripted(number);
  return fault != nullptr ? fault->gap : number != last_ && hits(number, options_.gap_every);
}

bool Faults::withheld_live(std::uint64_t number) const {
  const EventFault* fault = scripted(number);
  return fault != nullptr && fault->withheld;
}

Look Faults::look(std::uint64_t number, bool live) const {
  const EventFault* fault = scripted(number);
  if (fault != nullptr && fault->always) {
    return *fault->always;
  }
  if (poisoned(number)) {
    return {Shape::bad_utf8, 1, {}};
  }
  return fault != nullptr && live ? fault->live : Look{};
}

bool Faults::cut_after_live(std::uint64_t number) {
  if (number <= last_cut_ || !(hits(number, options_.drop_every) || hits_at_random(number))) {
    return false;
  }
  last_cut_ = number;
  return true;
}

}  // namespace gcstream_sim
