#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <string_view>

#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

struct RequestBudgetOptions {
  std::size_t limit = 300;  ///< requests within the window (source: GENESYS.md, "Errors")
  /// A minute, and a second for requests that are longer on the way than those before them.
  std::chrono::milliseconds window{61000};
  std::size_t reserve = 60;  ///< of the limit, kept for what live events depend on
};

/// The requests that all streams with one client id may send together: never more than the limit in
/// any window. Who has to wait stands in line, so that no stream starves another. Owned by the
/// app, used by its one thread; sends nothing and owns no timer.
class RequestBudget {
 public:
  explicit RequestBudget(RequestBudgetOptions options = {}) : options_(options) {}

  enum class Urgency {
    live,        ///< channels and topics: goes first
    background,  ///< polls and backfills: leaves the reserve alone
  };
  /// Whether `requester` may send one now; then it counts. Otherwise it stands in line: ask again
  /// at `next`.
  bool take(std::string_view requester, Urgency urgency, SteadyTime now);
  /// When `take` may say yes, as far as is known now.
  SteadyTime next(std::string_view requester, Urgency urgency, SteadyTime now) const;
  /// It does not wait any more.
  void leave(std::string_view requester);
  /// The server said 429 to one of these: none of them goes for so long, and nothing at all where
  /// it was a live one. Queries have limits of their own, which say nothing of channels.
  void refused(Urgency urgency, std::chrono::seconds retry_after, SteadyTime now);

  std::size_t waiting() const { return line_.size(); }
  /// From the next request on.
  void configure(const RequestBudgetOptions& options) { options_ = options; }
  /// Sent within the window that ends now.
  std::size_t used(SteadyTime now) const;

  /// Who does not come so long after it could have gone stands in line no more.
  static constexpr std::chrono::seconds kPatience{5};

 private:
  struct Waiter {
    std::string requester;
    Urgency urgency;
    SteadyTime due;
  };

  void tidy(SteadyTime now);
  SteadyTime blocked_until(Urgency urgency) const;
  std::size_t ahead_of(std::string_view requester, Urgency urgency) const;
  void stand_in_line(std::string_view requester, Urgency urgency, SteadyTime due);
  std::deque<Waiter>::iterator find(std::string_view requester, Urgency urgency);

  RequestBudgetOptions options_;
  std::deque<SteadyTime> sent_;  ///< within the window, `limit` at most
  std::deque<Waiter> line_;      ///< one for each requester and urgency
  SteadyTime blocked_until_{};
  SteadyTime background_blocked_until_{};
};

}  // namespace gcstreamd
