#include "simulator/feed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

namespace gcstream_sim {
namespace {

void pad(std::string& event, std::size_t bytes) {
  constexpr std::string_view kStart = R"(,"padding":")";
  const std::size_t needed = event.size() + kStart.size() + 1;
  if (bytes < needed) {
    return;
  }
  event.pop_back();
  event.append(kStart).append(bytes - needed, 'x').append("\"}");
}

}  // namespace

Feed::Feed(const FeedOptions& options)
    : options_(options),
      story_(options.seed, options.event_types),
      history_(options.history),
      faults_(options.faults, options.count, options.seed) {
  if (options_.truth.empty()) {
    return;
  }
  truth_.open(options_.truth, std::ios::binary | std::ios::trunc);
  if (!truth_) {
    throw std::system_error(errno, std::generic_category(), options_.truth.string());
  }
}

void Feed::create(WallTime now) {
  if (!finished()) {
    append(now, 0);
  }
}

void Feed::finish(WallTime now) {
  if (finished()) {
    return;
  }
  while (faults_.never_sent(history_.newest() + 1) || faults_.poisoned(history_.newest() + 1)) {
    append(now, 0);
  }
  faults_.set_last(history_.newest() + 1);
  append(now, 0);
  options_.count = counters_.created;
}

std::uint64_t Feed::add(WallTime now, const EventFault& fault, std::size_t bytes) {
  faults_.forget_below(history_.oldest());
  faults_.add(history_.newest() + 1, fault);
  return append(now, bytes);
}

std::uint64_t Feed::append(WallTime now, std::size_t bytes) {
  const std::uint64_t number = history_.newest() + 1;
  std::string event = story_.next(number, stamp(now));
  pad(event, bytes);
  ++counters_.created;
  const bool lost = faults_.never_sent(number);
  if (lost || faults_.poisoned(number)) {
    ++counters_.never_sent;
    truth_ << fmt::format("{{\"neverSent\":true,\"sequenceNumber\":{}}}\n", number);
  } else {
    truth_ << event << '\n';
  }
  return history_.append(lost ? nullptr : std::make_shared<const std::string>(std::move(event)));
}

std::string Feed::unnumbered(WallTime now) {
  std::string event = story_.next(std::nullopt, stamp(now));
  ++counters_.created;
  truth_ << event << '\n';
  return event;
}

void Feed::reset() {
  truth_ << fmt::format("{{\"reset\":true,\"previous\":{}}}\n", history_.newest());
  history_.restart();
  faults_.restart();
  ++epoch_;
  earliest_ = latest_ + std::chrono::milliseconds(1);
}

WallTime Feed::stamp(WallTime now) {
  now = std::max(now, earliest_);
  latest_ = std::max(latest_, now);
  return now;
}

void Feed::flush() {
  if (!truth_.is_open()) {
    return;
  }
  truth_.flush();
  if (!truth_) {
    throw std::system_error(errno, std::generic_category(), options_.truth.string());
  }
}

}  // namespace gcstream_sim
