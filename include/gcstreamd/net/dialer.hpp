#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/url.hpp"
#include "gcstreamd/net/connection_options.hpp"

namespace gcstreamd {

class Transport;

/// Limits one stage of an attempt in time and lets the whole attempt be cancelled: whichever comes
/// first calls the stage's `abort`, and `explain` then says which it was. Belongs to one attempt;
/// used on its executor's thread, which must not outlive it unanswered: see `shared_from_this`.
class StageGuard : public std::enable_shared_from_this<StageGuard> {
 public:
  StageGuard(boost::asio::any_io_executor executor, std::chrono::milliseconds limit);

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
  std::function<void()> abort_;
  Stage stage_ = Stage::dns;
  unsigned generation_ = 0;
  bool expired_ = false;
  bool cancelled_ = false;
};

/// DNS, TCP and, for a secure URL, TLS: a connected transport, or the fault with its stage.
boost::asio::awaitable<Outcome<std::shared_ptr<Transport>>> dial(const Url& url,
                                                                 const ConnectionOptions& options,
                                                                 std::shared_ptr<StageGuard> guard);

/// A one-line description of a system, DNS, HTTP or WebSocket library error.
std::string describe(const boost::system::error_code& error);

}  // namespace gcstreamd
