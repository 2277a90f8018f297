#include "simulator/script_runner.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "simulator/step_table.hpp"

namespace gcstream_sim {
namespace {

// Then others get their turn.
constexpr int kStepsAtATime = 1000;

}  // namespace

ScriptRunner::ScriptRunner(boost::asio::io_context& context, Script script,
                           std::vector<Step> standing, ScriptHost& host)
    : timer_(context), player_(std::move(script), std::move(standing)), host_(host) {}

void ScriptRunner::run() {
  if (running_ || waiting_ || stopped_ || player_.over()) {
    return;
  }
  running_ = true;
  int steps = 0;
  while (steps < kStepsAtATime && play_one()) {
    ++steps;
  }
  running_ = false;
  if (steps == kStepsAtATime) {
    run_later();
  }
  if (player_.over()) {
    host_.on_script();
  }
}

void ScriptRunner::run_later() {
  boost::asio::post(timer_.get_executor(), [this] { run(); });
}

void ScriptRunner::stop() {
  stopped_ = true;
  timer_.cancel();
}

// False: nothing can be played until something happens.
bool ScriptRunner::play_one() {
  if (is_acting_) {
    const auto stream = acting_.lock();
    if (stream && !stream->settled()) {
      return false;
    }
    is_acting_ = false;
    player_.advance();
    return true;
  }
  const Step* step = player_.current();
  if (step == nullptr || waiting_ || stopped_) {
    return false;
  }
  if (place_of(*step) == Place::stream) {
    return play_on_stream(*step);
  }
  return place_of(*step) == Place::at_once && play_at_once(*step);
}

bool ScriptRunner::play_on_stream(const Step& step) {
  const auto stream = host_.newest_subscriber();
  if (!stream || !stream->settled()) {
    return false;
  }
  acting_ = stream;
  is_acting_ = true;
  host_.carry_out(step, *stream);
  return true;
}

bool ScriptRunner::play_at_once(const Step& step) {
  if (step.kind == StepKind::stop) {
    stopped_ = true;
    player_.advance();
    host_.stop_soon();
    return false;
  }
  host_.carry_out(step);
  serving_ = step.kind == StepKind::serve;
  if (step.time) {
    pass_time(step);
    return false;
  }
  player_.advance();
  return true;
}

void ScriptRunner::pass_time(const Step& step) {
  waiting_ = true;
  timer_.expires_after(*step.time);
  timer_.async_wait([this](boost::system::error_code ec) {
    if (ec || stopped_) {
      return;
    }
    waiting_ = false;
    serving_ = false;
    player_.advance();
    run();
  });
  if (serving_) {
    host_.on_script();
  }
}

const Step* ScriptRunner::take(Place place) {
  const Step* step = player_.take(place);
  if (step != nullptr) {
    run_later();
  }
  return step;
}

const Step* ScriptRunner::take_request(std::string_view call) {
  const Step* step = player_.take_request(call);
  if (step != nullptr) {
    run_later();
  }
  return step;
}

const Step* ScriptRunner::take_subscription(std::optional<std::uint64_t> after) {
  const Step* step = player_.take_subscription(after);
  if (player_.failure()) {
    stopped_ = true;
    host_.stop_soon();
  }
  run_later();
  return step;
}

}  // namespace gcstream_sim
