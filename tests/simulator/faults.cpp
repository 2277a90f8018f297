#include "simulator/faults.hpp"

namespace gcstream_sim {

bool Faults::cut_after_live(std::uint64_t number) {
  if (number <= last_cut_ || !hits(number, options_.drop_every)) {
    return false;
  }
  last_cut_ = number;
  return true;
}

}  // namespace gcstream_sim
