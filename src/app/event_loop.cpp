#include "gcstreamd/app/event_loop.hpp"

namespace gcstreamd {

void run_event_loop(boost::asio::io_context& context, const std::function<void()>& flush) {
  constexpr int kMaxTurn = 512;
  while (!context.stopped()) {
    int ran = 0;
    while (ran < kMaxTurn && context.poll_one() > 0)
      ++ran;
    flush();
    if (ran < kMaxTurn && !context.stopped())
      context.run_one();
  }
}

}  // namespace gcstreamd
