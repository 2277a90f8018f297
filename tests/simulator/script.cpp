#include "simulator/script.hpp"

#include <fmt/format.h>

#include <optional>
#include <stdexcept>
#include <utility>

#include "simulator/step_parser.hpp"
#include "simulator/step_table.hpp"

namespace gcstream_sim {
namespace {

constexpr std::size_t kDeepest = 8;
constexpr std::size_t kLargest = 1024 * 1024;

bool opens(const Step& step) {
  return step.kind == StepKind::repeat || step.kind == StepKind::forever;
}

// Takes its time, so that repeating it for ever leaves room for anything else.
bool takes_time(const Step& step) {
  const Place place = place_of(step);
  if (place == Place::at_once) {
    return step.time && step.time->count() > 0;
  }
  return place != Place::block;
}

bool ends_script(const Step& step) {
  return step.kind == StepKind::stop || (step.kind == StepKind::serve && !step.time);
}

class ScriptReader {
 public:
  explicit ScriptReader(std::string_view name) : name_(name) {}

  std::variant<Script, ScriptErrors> read(std::string_view text);

 private:
  void fault(std::size_t line, std::string_view what) {
    errors_.push_back(fmt::format("{}:{}: {}", name_, line, what));
  }
  void add(Step step);
  void close_block(Step& step);
  void check_block(const Step& opener);

  std::string_view name_;
  Script script_;
  ScriptErrors errors_;
  std::vector<std::size_t> open_;
  std::optional<std::string> unreachable_because_;
};

void ScriptReader::close_block(Step& step) {
  if (open_.empty()) {
    return fault(step.line, "\"end\" without a \"repeat N\" or \"forever\" before it; remove it");
  }
  step.partner = open_.back();
  open_.pop_back();
  Step& opener = script_.steps[step.partner];
  opener.partner = script_.steps.size();
  check_block(opener);
  if (opener.kind == StepKind::forever) {
    unreachable_because_ = fmt::format("the \"forever\" of line {} never ends", opener.line);
  }
}

void ScriptReader::check_block(const Step& opener) {
  const auto first = script_.steps.begin() + (&opener - script_.steps.data()) + 1;
  bool slow = false;
  for (auto step = first; step != script_.steps.end(); ++step) {
    slow = slow || takes_time(*step);
  }
  if (first == script_.steps.end()) {
    fault(opener.line, "an empty block; put a step between this line and its \"end\"");
  } else if (opener.kind == StepKind::forever && !slow) {
    fault(opener.line,
          "this \"forever\" never waits for anything; add a step about a request or the stream, "
          "or \"wait SECONDS\"");
  }
}

void ScriptReader::add(Step step) {
  if (unreachable_because_ && step.kind != StepKind::end) {
    fault(step.line,
          fmt::format("never reached, because {}; remove one of them", *unreachable_because_));
    unreachable_because_.reset();
  }
  if (step.kind == StepKind::end) {
    close_block(step);
  } else if (opens(step)) {
    open_.push_back(script_.steps.size());
    if (open_.size() == kDeepest + 1) {
      fault(step.line, fmt::format("blocks go {} deep at most", kDeepest));
    }
  } else if (ends_script(step)) {
    unreachable_because_ =
        fmt::format("the \"{}\" of line {} is the last step", info_of(step.kind).name, step.line);
  }
  script_.steps.push_back(std::move(step));
}

std::variant<Script, ScriptErrors> ScriptReader::read(std::string_view text) {
  if (text.size() > kLargest) {
    fault(1, "larger than 1 MiB; use \"repeat N\" for what comes again");
    text = {};
  }
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t size = std::min(text.find('\n'), text.size());
    auto outcome = read_step(text.substr(0, size));
    text.remove_prefix(std::min(size + 1, text.size()));
    if (const auto* error = std::get_if<StepError>(&outcome)) {
      fault(line, error->what);
    } else if (auto& step = std::get<std::optional<Step>>(outcome)) {
      step->line = line;
      add(*std::move(step));
    }
  }
  for (const std::size_t opener : open_) {
    fault(script_.steps[opener].line, "this block has no \"end\"; add it after its last step");
  }
  if (!errors_.empty()) {
    return std::move(errors_);
  }
  return std::move(script_);
}

}  // namespace

std::variant<Script, ScriptErrors> read_script(std::string_view text, std::string_view name) {
  return ScriptReader(name).read(text);
}

ScriptErrors foreign_steps(const Script& script, Protocol protocol, std::string_view name) {
  ScriptErrors errors;
  for (const Step& step : script.steps) {
    if (!is_step_of(step.kind, protocol)) {
      errors.push_back(fmt::format("{}:{}: {} is no step of --protocol {}; see --list-faults", name,
                                   step.line, info_of(step.kind).name, name_of(protocol)));
    }
  }
  return errors;
}

Script script_of(std::string_view text) {
  auto outcome = read_script(text, "script");
  if (const auto* errors = std::get_if<ScriptErrors>(&outcome)) {
    throw std::invalid_argument(fmt::format("{}", fmt::join(*errors, "\n")));
  }
  return std::get<Script>(std::move(outcome));
}

Step standing_fault(std::string_view text) {
  auto outcome = read_step(text);
  if (const auto* error = std::get_if<StepError>(&outcome)) {
    throw std::invalid_argument(error->what);
  }
  auto step = std::get<std::optional<Step>>(std::move(outcome));
  if (!step) {
    throw std::invalid_argument("a step is wanted; see --list-faults");
  }
  const Place place = place_of(*step);
  if (place == Place::at_once || place == Place::block) {
    throw std::invalid_argument(fmt::format(
        "\"{}\" has no occasion of its own; write it into a script", info_of(step->kind).name));
  }
  return *std::move(step);
}

}  // namespace gcstream_sim
