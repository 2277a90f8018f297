#include "simulator/feed.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace gcstream_sim {

Feed::Feed(const FeedOptions& options)
    : options_(options),
      story_(options.seed, options.event_types),
      history_(options.history),
      faults_(options.faults, options.count) {
  if (options_.truth.empty()) {
    return;
  }
  truth_.open(options_.truth, std::ios::binary | std::ios::trunc);
  if (!truth_) {
    throw std::system_error(errno, std::generic_category(), options_.truth.string());
  }
}

void Feed::create(WallTime now) {
  if (finished()) {
    return;
  }
  const std::uint64_t number = history_.newest() + 1;
  std::string event = story_.next(number, now);
  ++counters_.created;
  if (faults_.never_sent(number)) {
    ++counters_.never_sent;
    truth_ << fmt::format("{{\"neverSent\":true,\"sequenceNumber\":{}}}\n", number);
    history_.append(nullptr);
    return;
  }
  truth_ << event << '\n';
  history_.append(std::make_shared<const std::string>(std::move(event)));
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
