#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gcstreamd/app/running_stream.hpp"

namespace gcstreamd {

/// The daemon's streams, by name: adds, starts, retires and stops them, and knows what exit code
/// their ends add up to. One that ended is forgotten with its files as soon as its disk has
/// answered, however it ended: nothing is written there any more, and whoever moves the files finds
/// nobody holding them. Used on the loop's thread.
class StreamSet {
 public:
  /// Called from the loop, never from inside a call.
  struct Events {
    std::function<void()> on_retired;    ///< nothing that was retired is left
    std::function<void()> on_all_ended;  ///< nothing runs any more
  };

  StreamSet(const StreamContext& context, Events events);
  ~StreamSet();

  /// Opens one. Returns what is wrong with it, or "".
  std::string add(const StreamConfig& config);
  /// Starts those that were added since the last call.
  void start();
  /// Stops one in order, unless it ends already, and tells by `on_retired` when it is gone.
  void retire(const std::string& name);
  bool retiring() const;
  /// Stops all in order.
  void stop();

  /// Null where none of this name runs: it gives up or gave up, is retired or never was.
  RunningStream* find(const std::string& name);
  void for_each(const std::function<void(RunningStream&)>& visit);
  /// As it is, or as it was when it ended; empty where there was none of this name.
  std::optional<StreamStatus> status(const std::string& name, const Now& now) const;

  /// Of the last stream that gave up; once stopped, 0 unless a position could not be saved.
  int exit_code() const { return exit_code_; }
  bool settled() const;

 private:
  enum class State { added, running, retiring };
  struct Entry {
    std::unique_ptr<RunningStream> stream;
    State state = State::added;
  };

  void on_end(const RunningStream* stream, ExitCode code);
  void sweep_soon();
  void sweep();
  void sweep_later();

  const StreamContext& context_;
  Events events_;
  std::vector<Entry> entries_;
  std::map<std::string, StreamStatus> ended_;  ///< of names that none has now
  int exit_code_ = 0;
  bool stopping_ = false;
  boost::asio::steady_timer timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gcstreamd
