#include "gcstreamd/app/online_check.hpp"

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <deque>
#include <ostream>

#include "gcstreamd/app/stream_trial.hpp"

namespace gcstreamd {

int run_online_check(const Config& config, std::ostream& out) {
  std::signal(SIGPIPE, SIG_IGN);
  boost::asio::io_context loop{1};
  std::deque<StreamTrial> trials;
  for (const StreamConfig& stream : config.streams)
    trials.emplace_back(loop.get_executor(), stream);
  OnlineReport report(config);
  out << report.heading() << std::flush;
  std::size_t shown = 0;
  const auto show = [&] {  // in the configuration's order, as soon as it is known
    for (; shown < trials.size() && trials[shown].over(); ++shown) {
      const StreamTrial& trial = trials[shown];
      out << report.rows(trial.config().name, trial.steps(), trial.fault(), trial.notes())
          << std::flush;
    }
  };
  for (StreamTrial& trial : trials)
    trial.start(show);
  loop.run();
  out << "gcstreamd: " << report.summary() << '\n' << std::flush;
  constexpr int kCannotWrite = 74;
  return out ? report.exit_code() : kCannotWrite;
}

}  // namespace gcstreamd
