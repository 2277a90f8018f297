// What a script does to the server.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "simulator/notifications/notification_orders.hpp"
#include "simulator/server.hpp"

namespace gcstream_sim {

std::shared_ptr<Subscriber> Server::newest_subscriber() const {
  const auto listeners = subscribers();
  const auto found = std::find_if(listeners.rbegin(), listeners.rend(),
                                  [](const auto& subscriber) { return subscriber->active(); });
  return found == listeners.rend() ? nullptr : *found;
}

void Server::carry_out(const Step& step, Subscriber& subscriber) {
  told(&step);
  const auto now = std::chrono::system_clock::now();
  StreamOrder order =
      notified_ ? gcstream_sim::carry_out(step, notified_->board, subscriber.channel(), now)
                : gcstream_sim::carry_out(step, feed_, now);
  if (step.kind == StepKind::notice && step.word == "token_revoked") {
    api_.expire_tokens();
  }
  flush();
  subscriber.perform(std::move(order));
  announce_events();
}

void Server::carry_out(const Step& step) {
  if (step.kind == StepKind::expire) {
    return api_.expire_tokens();
  }
  down_ = (down_ || step.kind == StepKind::service_down) && step.kind != StepKind::service_up;
  if (step.kind == StepKind::service_down) {
    cut_all();
  }
  if (notified_ && play_at_once(step, notified_->board, std::chrono::system_clock::now())) {
    flush();
    announce_events();
  }
}

void Server::on_script() {
  if (!stopped_) {
    on_progress();
  }
}

// Not at once: a connection is about to use what it asked for.
void Server::stop_soon() {
  boost::asio::post(stop_timer_.get_executor(), [this] { stop(); });
}

}  // namespace gcstream_sim
