#include "simulator/event_stream.hpp"

#include <fmt/format.h>

#include <utility>

#include "simulator/subscription.hpp"

namespace gcstream_sim {
namespace {

constexpr std::chrono::seconds kSubscriptionTime{30};
constexpr std::uint16_t kPolicyViolation = 1008;

}  // namespace

void EventStream::on_start() {
  limit_time(kSubscriptionTime, "no subscription within 30 s");
}

void EventStream::on_text(std::string_view text) {
  if (cursor_ || denied_) {
    close(kPolicyViolation, "this connection is already subscribed");
  } else {
    subscribe(text);
  }
}

void EventStream::subscribe(std::string_view text) {
  const auto outcome = read_subscription(text, host().feed().event_types());
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
    host().log("subscription refused: " + refusal->reason);
    return close(kPolicyViolation, refusal->reason);
  }
  const auto& after = std::get<Subscription>(outcome).sequence_number;
  host().log(after ? fmt::format("subscribed, resuming after {}", *after)
                   : "subscribed at the tip");
  serve(after, host().step_for_subscription(after));
}

void EventStream::serve(std::optional<std::uint64_t> after, const Step* step) {
  have_time();
  if (step != nullptr && step->kind == StepKind::deny) {
    denied_ = true;
    put_first(error_in_band(step->number, step->text));
    return;
  }
  if (step != nullptr && step->kind != StepKind::ignore_position) {
    return close(static_cast<std::uint16_t>(step->number), step->text);
  }
  if (step != nullptr) {
    after = step->word == "start" ? std::optional<std::uint64_t>(0) : std::nullopt;
  }
  cursor_.emplace(host().feed(), after);
  start_heartbeats();
  host().add(std::weak_ptr<Subscriber>(shared_from_this()));
}

EventBytes EventStream::heartbeat_message() {
  const std::uint64_t newest = host().feed().history().newest();
  return host().options().numbered_heartbeats && newest > 0 ? heartbeat(newest) : heartbeat();
}

}  // namespace gcstream_sim
