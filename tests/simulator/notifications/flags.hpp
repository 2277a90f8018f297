// The command line's options for the Notifications protocol.
//
// Ownership: values; add() borrows the app and this object until the line was read.
#pragma once

#include <string>
#include <vector>

#include "simulator/notifications/options.hpp"

namespace CLI {
class App;
}

namespace gcstream_sim {

class NotificationFlags {
 public:
  void add(CLI::App& app);
  // What they come to, when the line was read.
  NotificationOptions options() const;

  // Options of the line that only analytics-stream knows, of those that were given.
  static std::vector<std::string> foreign(const CLI::App& app);

 private:
  NotificationOptions options_;
  double channel_life_s_ = 86'400;
  double socket_life_s_ = 0;
  double closing_notice_s_ = 60;
  double window_s_ = 60;
  double details_delay_s_ = 0;
  double late_by_s_ = 0;
  std::string gone_ = "404";
  std::vector<std::string> rejected_;
};

}  // namespace gcstream_sim
