#include "simulator/script_player.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "simulator/step_table.hpp"

namespace gcstream_sim {
namespace {

bool is_about_positions(const Step& step) {
  return step.kind == StepKind::ignore_position || step.kind == StepKind::refuse_position;
}

}  // namespace

ScriptPlayer::ScriptPlayer(Script script, std::vector<Step> standing)
    : script_(std::move(script)), standing_(std::move(standing)) {
  settle();
}

const Step* ScriptPlayer::current() const {
  return over() ? nullptr : &script_.steps[at_];
}

void ScriptPlayer::advance() {
  if (!over()) {
    ++at_;
    settle();
  }
}

// Ends, because no block is empty.
void ScriptPlayer::settle() {
  while (!over() && place_of(script_.steps[at_]) == Place::block) {
    const Step& step = script_.steps[at_];
    if (step.kind == StepKind::end) {
      pass_block_end(step);
    } else {
      rounds_left_.push_back(step.number);
      ++at_;
    }
  }
}

void ScriptPlayer::pass_block_end(const Step& end) {
  const bool forever = script_.steps[end.partner].kind == StepKind::forever;
  if (forever || --rounds_left_.back() > 0) {
    at_ = end.partner + 1;
  } else {
    rounds_left_.pop_back();
    ++at_;
  }
}

const Step* ScriptPlayer::take_current(Place place) {
  const Step* step = current();
  if (step == nullptr || place_of(*step) != place) {
    return nullptr;
  }
  advance();
  return step;
}

const Step* ScriptPlayer::standing_at(Place place) const {
  const auto found = std::find_if(standing_.begin(), standing_.end(),
                                  [place](const Step& step) { return place_of(step) == place; });
  return found == standing_.end() ? nullptr : &*found;
}

const Step* ScriptPlayer::take(Place place) {
  const Step* step = take_current(place);
  return step != nullptr ? step : standing_at(place);
}

const Step* ScriptPlayer::take_request(std::string_view call) {
  const auto befalls = [call](const Step* step) {
    return step != nullptr && place_of(*step) == Place::request &&
           (step->word == "any" || step->word == call);
  };
  if (befalls(current())) {
    return take_current(Place::request);
  }
  const Step* standing = standing_at(Place::request);
  return befalls(standing) ? standing : nullptr;
}

const Step* ScriptPlayer::take_subscription(std::optional<std::uint64_t> position) {
  if (const Step* step = current(); step != nullptr && step->kind == StepKind::expect_resume) {
    advance();
    check(*step, position);
  }
  const Step* step = current();
  const bool next_time = step != nullptr && (step->kind == StepKind::expect_resume ||
                                             (is_about_positions(*step) && !position));
  step = next_time ? nullptr : take_current(Place::subscription);
  if (step == nullptr) {
    step = standing_at(Place::subscription);
  }
  if (step != nullptr && step->kind == StepKind::expect_resume) {
    check(*step, position);
    return nullptr;
  }
  return step != nullptr && is_about_positions(*step) && !position ? nullptr : step;
}

void ScriptPlayer::check(const Step& expected, std::optional<std::uint64_t> position) {
  const std::optional<std::uint64_t> wanted =
      expected.word.empty() ? std::optional(expected.number) : std::nullopt;
  if (position == wanted || failure_) {
    return;
  }
  const auto shown = [](const std::optional<std::uint64_t>& number) {
    return number ? fmt::format("sequenceNumber {}", *number) : std::string("no sequenceNumber");
  };
  failure_ = fmt::format("line {}: expected a subscription with {}, but it carries {}",
                         expected.line, shown(wanted), shown(position));
}

}  // namespace gcstream_sim
