#include "gcstreamd/app/event_loop.hpp"

#include <chrono>

namespace gcstreamd {

void run_event_loop(boost::asio::io_context& context, const std::function<void()>& flush) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kTurn{4};
  while (!context.stopped()) {
    const auto over = Clock::now() + kTurn;
    bool idle = false;
    while (!idle && Clock::now() < over)
      idle = context.poll_one() == 0;
    flush();
    if (idle && !context.stopped())
      context.run_one();
  }
}

}  // namespace gcstreamd
