#include "gcstreamd/core/local_numbers.hpp"

#include <algorithm>

namespace gcstreamd {

LocalNumbers::Numbered LocalNumbers::number_in(EventMemory& memory, const DurableHash& one) {
  if (const auto known = memory.find(one))
    return {*known, true};
  memory.remember(one, ++last_);
  return {last_, false};
}

void LocalNumbers::go_on_after(SequenceNumber last) {
  last_ = last;
  memory_.forget_after(last);
  recovered_.forget_after(last);
}

NumberRecovery recover_numbers(SequenceNumber saved, std::span<const SinkTail> tails) {
  NumberRecovery recovery;
  recovery.last = saved;
  for (const SinkTail& tail : tails)
    recovery.last = std::max(recovery.last, tail.held);
  for (const SinkTail& tail : tails) {
    const SequenceNumber held = std::max(tail.held, saved);  // what was saved, it had
    if (held < recovery.last)
      recovery.lost.push_back({tail.sink, {held + 1, recovery.last}});
  }
  return recovery;
}

}  // namespace gcstreamd
