#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/url.hpp"

namespace gcstreamd {

/// One step on the way to a server, as it went.
struct OnlineStep {
  enum class Result { ok, failed, not_tried };

  Stage stage = Stage::dns;
  std::string where;  ///< the host, with its port where one takes part
  Result result = Result::not_tried;
  std::chrono::duration<double, std::milli> took{0};
  std::string error;  ///< of a step that failed
  std::string hint;   ///< likewise: what to do about it
};

/// The steps of one exchange with one server: which there are, and how far it came.
class OnlineLeg {
 public:
  /// `last`: what the connection is for, Stage::oauth, Stage::subscribe or Stage::upgrade.
  OnlineLeg(const Url& url, const ProxyChoice& choice, Stage last);

  /// A stage is over; whether it went well is told by the next one, or by `fail`.
  void on_stage(Stage stage, std::chrono::nanoseconds took);
  /// The step that was under way failed, and what follows is not tried. `fault` is shown as it is:
  /// scrub it first. `advice`: in place of its own hint.
  void fail(const Fault& fault, std::string_view advice = {});

  const std::vector<OnlineStep>& steps() const { return steps_; }

 private:
  std::size_t index_of(Stage stage) const;

  std::vector<OnlineStep> steps_;
  std::optional<std::size_t> latest_;
};

/// The table of `check --online`, and the exit code that it leads to.
class OnlineReport {
 public:
  explicit OnlineReport(const Config& config);

  std::string heading() const;
  /// A stream's rows, and what else is to be said of it, a line each; counts it.
  std::string rows(const std::string& stream, const std::vector<OnlineStep>& steps,
                   const std::optional<Fault>& fault, const std::vector<std::string>& notes = {});
  std::string summary() const;
  /// 0; 77 where credentials were refused; 69 where anything else failed.
  int exit_code() const;

 private:
  std::string row(std::string_view stream, std::string_view step, std::string_view where,
                  std::string_view result, std::string_view took) const;

  std::size_t stream_width_;
  std::size_t where_width_;
  std::size_t streams_;
  std::vector<std::string> failed_;
  bool refused_ = false;
};

}  // namespace gcstreamd
