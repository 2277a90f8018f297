// For tests: the service that `gcstream-sim` serves, with function calls in the place of sockets.
//
// Ownership: owns all of it; borrows the clock, which must outlive it. For one thread at a time.
#pragma once

#include <chrono>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/http_message.hpp"
#include "simulator/api.hpp"
#include "simulator/notifications/day_clock.hpp"
#include "simulator/notifications/notifications_api.hpp"
#include "simulator/notifications/switchboard.hpp"

namespace gcstream_sim {

class DayService {
 public:
  struct Plan {
    NotificationOptions options;
    std::filesystem::path truth;
    // Steps of a script, in order.
    std::vector<std::pair<std::chrono::seconds, std::string>> steps;
    // From then on details queries are refused.
    std::chrono::seconds details_until = std::chrono::hours(1000);
  };
  DayService(const DayClock& clock, Plan plan);

  // What this second brings: outages, steps, closings, events.
  void live_on();

  static Credentials credentials();
  core::Outcome<core::HttpResponse> ask(const core::HttpRequest& sent);
  // Nothing: the socket is open.
  std::optional<core::Fault> connect(const core::Secret& connect_uri,
                                     const std::shared_ptr<Listener>& socket);
  // False: it was not connected any more.
  bool disconnect(const Listener& socket);
  // `{"message":"ping"}`; nobody answers where the socket is cut.
  void ping(const Listener& socket);

  Switchboard& board() { return board_; }
  const ApiCounters& requests() const { return api_.counters(); }

 private:
  struct Closing {
    std::chrono::milliseconds when;
    std::shared_ptr<Listener> socket;
  };

  bool down() const;
  void cut_all();
  void play(const std::string& line);
  void play_to(const Step& step, const std::string& channel);
  void close_due();
  Response answer(const Request& request);

  const DayClock& clock_;
  Plan plan_;
  Switchboard board_;
  NotificationsApi api_;
  Api tokens_;
  std::size_t played_ = 0;                                    // steps
  std::map<std::string, std::shared_ptr<Listener>> sockets_;  // by their channels
  std::deque<Closing> closings_;
};

}  // namespace gcstream_sim
