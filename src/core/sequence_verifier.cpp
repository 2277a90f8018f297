#include "gcstreamd/core/sequence_verifier.hpp"

#include <algorithm>

#include "gcstreamd/core/content_hash.hpp"

namespace gcstreamd {

SequenceVerifier::SequenceVerifier(std::optional<SequenceNumber> last,
                                   std::optional<WallTime> last_timestamp)
    : last_(last), last_timestamp_(last_timestamp), memory_(kMemory) {}

std::size_t SequenceVerifier::content_of(std::string_view line) {
  return content_hash(line);
}

void SequenceVerifier::remember(SequenceNumber number, std::size_t content) {
  memory_[number % kMemory] = {number, content};
  furthest_ = std::max(furthest_, number);
}

void SequenceVerifier::remember_shown(SequenceNumber number, std::size_t content,
                                      const Shown& shown) {
  shown_.insert({number, {content, shown}});
  const bool full = shown_.rbegin()->first - shown_.begin()->first >= kMemory;
  if (full)
    shown_.erase(shown_.begin(), shown_.lower_bound(shown_.rbegin()->first - kMemory + 1));
}

bool SequenceVerifier::was_shown(const Event& event) const {
  const auto [begin, end] = shown_.equal_range(event.number);
  return std::any_of(begin, end, [&](const auto& one) {
    const RememberedShown& held = one.second;
    return held.content == content_of(event.line) ||
           (held.shown && held.shown(event.line) == held.content);
  });
}

Order SequenceVerifier::check(const Event& event) const {
  if (!last_)
    return Order::first;
  const Remembered& place = memory_[event.number % kMemory];
  if (event.number > *last_) {
    const bool other = event.number <= furthest_ && place.number == event.number &&
                       place.content != content_of(event.line);
    if (other)
      return Order::reset;
    return event.number == *last_ + 1 ? Order::in_order : Order::gap;
  }
  if (place.number == event.number)
    return place.content == content_of(event.line) ? Order::duplicate : Order::reset;
  if (presumed_ != kNoNumber && event.number >= presumed_)
    return Order::duplicate;
  if (was_shown(event))
    return Order::duplicate;
  const bool not_later = event.timestamp && last_timestamp_ && *event.timestamp <= *last_timestamp_;
  return not_later ? Order::duplicate : Order::reset;
}

void SequenceVerifier::delivered(const Event& event) {
  last_ = event.number;
  presumed_ = kNoNumber;
  remember(event.number, content_of(event.line));
  if (event.timestamp)
    last_timestamp_ = event.timestamp;
}

void SequenceVerifier::move_to(SequenceNumber number) {
  last_ = number;
}

void SequenceVerifier::forget() {
  last_.reset();
  furthest_ = presumed_ = kNoNumber;
  memory_.assign(kMemory, {});
  shown_.clear();
}

}  // namespace gcstreamd
