#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "gcstreamd/core/errors.hpp"

namespace gcstreamd {

/// Limits one stage of an attempt in time and lets the whole attempt be cancelled: whichever comes
/// first calls the stage's `abort`, and `explain` then says which it was. Belongs to one attempt;
/// used on its executor's thread, which must not outlive it unanswered: see `shared_from_this`.
class StageGuard : public std::enable_shared_from_this<StageGuard> {
 public:
  /// Told how long each stage took, whether it went well or not.
  using OnStage = std::function<void(Stage, std::chrono::nanoseconds)>;

  StageGuard(boost::asio::any_io_executor executor, std::chrono::milliseconds limit,
             OnStage on_stage);

  /// False when the attempt was cancelled already: the stage must not begin.
  bool begin(Stage stage, std::function<void()> abort);
  void end();
  void cancel();
  bool cancelled() const { return cancelled_; }

  /// The fault behind an operation's error: cancelled, timed out, or the error itself.
  Fault explain(const boost::system::error_code& error) const;

 private:
  void expire();

  boost::asio::steady_timer timer_;
  std::chrono::milliseconds limit_;
  OnStage on_stage_;
  std::function<void()> abort_;
  std::chrono::steady_clock::time_point begun_;
  Stage stage_ = Stage::dns;
  unsigned generation_ = 0;
  bool running_ = false;
  bool expired_ = false;
  bool cancelled_ = false;
};

/// A one-line description of a system, DNS, HTTP or WebSocket library error.
std::string describe(const boost::system::error_code& error);

}  // namespace gcstreamd
