#include "gcstreamd/core/online_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gcstreamd/core/stream_machine.hpp"
#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

using Result = OnlineStep::Result;

std::string_view word(Stage stage) {
  switch (stage) {
    case Stage::connect:
      return "tcp";
    case Stage::upgrade:
      return "handshake";
    case Stage::subscribe:
      return "topics";
    default:
      return name(stage);
  }
}

std::string_view word(Result result) {
  switch (result) {
    case Result::ok:
      return "ok";
    case Result::failed:
      return "failed";
    case Result::not_tried:
      return "not tried";
  }
  return "";
}

/// What the daemon does next is no business of a check that runs once.
std::string for_a_person(std::string_view hint) {
  constexpr auto kOfTheDaemon = std::to_array<std::string_view>(
      {": a new one is fetched", ", and the stream comes up by itself",
       ", and it is tried again by itself", ", the stream retries", " the stream retries;",
       ", the stream reconnects", ": it is read again at the next attempt"});
  std::string text(hint);
  for (const std::string_view words : kOfTheDaemon)
    replace_all(text, words, "");
  return text;
}

std::size_t widest(std::initializer_list<std::size_t> sizes) {
  return std::max(sizes);
}

}  // namespace

OnlineLeg::OnlineLeg(const Url& url, const ProxyChoice& choice, Stage last) {
  const Proxy* proxy = choice.way_to(url);
  const auto add = [this](Stage stage, std::string where) {
    OnlineStep step;
    step.stage = stage;
    step.where = std::move(where);
    steps_.push_back(std::move(step));
  };
  add(Stage::dns, proxy ? proxy->host : url.host);
  add(Stage::connect, proxy ? proxy->authority() : url.authority());
  if (proxy)
    add(Stage::proxy, url.authority());
  if (url.secure)
    add(Stage::tls, url.authority());
  add(last, url.authority());
}

std::size_t OnlineLeg::index_of(Stage stage) const {
  const auto found = std::find_if(steps_.begin(), steps_.end(),
                                  [&](const OnlineStep& step) { return step.stage == stage; });
  return found == steps_.end() ? steps_.size() - 1
                               : static_cast<std::size_t>(found - steps_.begin());
}

void OnlineLeg::on_stage(Stage stage, std::chrono::nanoseconds took) {
  latest_ = index_of(stage);
  steps_[*latest_].took = took;
  steps_[*latest_].result = Result::ok;
}

void OnlineLeg::fail(const Fault& fault, std::string_view advice) {
  // TLS 1.3 tells of a refused certificate behind the handshake; files of ours fail before DNS.
  const bool elsewhere = !latest_ || fault.stage == Stage::tls;
  const std::size_t at = elsewhere ? index_of(fault.stage) : *latest_;
  steps_[at].result = Result::failed;
  steps_[at].error = fault.what;
  steps_[at].hint = for_a_person(advice.empty() ? hint(fault) : advice);
  for (std::size_t i = at + 1; i < steps_.size(); ++i)
    steps_[i].result = Result::not_tried;
}

OnlineReport::OnlineReport(const Config& config)
    : stream_width_(std::string_view("STREAM").size()),
      where_width_(std::string_view("WHERE").size()),
      streams_(config.streams.size()) {
  for (const StreamConfig& stream : config.streams) {
    stream_width_ = widest({stream_width_, stream.name.size()});
    if (stream.proxy.proxy)
      where_width_ = widest({where_width_, stream.proxy.proxy->authority().size()});
    for (const std::string& text :
         {stream.endpoints.oauth_url, stream.endpoints.stream_url, stream.endpoints.api_url})
      if (const auto url = parse_url(text))
        where_width_ = widest({where_width_, url->authority().size()});
  }
}

std::string OnlineReport::heading() const {
  return row("STREAM", "STEP", "WHERE", "RESULT", "MS");
}

std::string OnlineReport::row(std::string_view stream, std::string_view step,
                              std::string_view where, std::string_view result,
                              std::string_view took) const {
  return fmt::format("{:<{}}  {:<9}  {:<{}}  {:<9}  {:>8}\n", stream, stream_width_, step, where,
                     where_width_, result, took);
}

std::string OnlineReport::rows(const std::string& stream, const std::vector<OnlineStep>& steps,
                               const std::optional<Fault>& fault,
                               const std::vector<std::string>& notes) {
  std::string text;
  for (const OnlineStep& step : steps) {
    const bool tried = step.result != Result::not_tried;
    text += row(stream, word(step.stage), step.where, word(step.result),
                tried ? fmt::format("{:.1f}", step.took.count()) : "-");
    if (step.result != Result::failed)
      continue;
    text += fmt::format("  {}\n", for_terminal(step.error));
    if (!step.hint.empty())
      text += fmt::format("  what to do: {}\n", step.hint);
  }
  for (const std::string& note : notes)
    text += fmt::format("  {}\n", for_terminal(note));
  if (fault)
    failed_.push_back(stream);
  refused_ = refused_ || (fault && disposition(*fault) == Disposition::fatal);
  return text;
}

std::string OnlineReport::summary() const {
  if (failed_.empty())
    return streams_ == 1 ? "the stream can connect" : "all streams can connect";
  return fmt::format("{} of {} stream(s) cannot connect: {}", failed_.size(), streams_,
                     join(failed_, ", "));
}

int OnlineReport::exit_code() const {
  const ExitCode failed = refused_ ? ExitCode::credentials_refused : ExitCode::attempts_used_up;
  return static_cast<int>(failed_.empty() ? ExitCode::clean : failed);
}

}  // namespace gcstreamd
