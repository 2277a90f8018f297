// Plays the steps that wait for the stream or for time; requests take theirs from it.
//
// Ownership: owns the player and a timer, borrows the host, which must outlive the running of the
// io_context or call stop(). Threads: the io_context's one thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/connection.hpp"
#include "simulator/script_player.hpp"

namespace gcstream_sim {

// What a script does to the server.
class ScriptHost {
 public:
  virtual ~ScriptHost() = default;
  // Null: nobody is subscribed.
  virtual std::shared_ptr<Subscriber> newest_subscriber() const = 0;
  virtual void carry_out(const Step& step, Subscriber& subscriber) = 0;
  // A step that waits for nothing.
  virtual void carry_out(const Step& step) = 0;
  // serving() may have changed.
  virtual void on_script() = 0;
  virtual void stop_soon() = 0;
};

class ScriptRunner {
 public:
  ScriptRunner(boost::asio::io_context& context, Script script, std::vector<Step> standing,
               ScriptHost& host);

  // Plays what can be played now. Cheap when there is nothing.
  void run();
  void stop();

  const Step* take(Place place);
  const Step* take_request(std::string_view call);
  const Step* take_subscription(std::optional<std::uint64_t> after);
  const Step* standing_stream_fault() const { return player_.standing_stream_fault(); }

  // Live events come.
  bool serving() const { return !stopped_ && (serving_ || player_.over()); }
  bool over() const { return player_.over(); }
  // Of the step that is to come; nothing: it is over.
  std::optional<std::size_t> line() const {
    return over() ? std::nullopt : std::optional(player_.current()->line);
  }
  const std::optional<std::string>& failure() const { return player_.failure(); }

 private:
  bool play_one();
  bool play_on_stream(const Step& step);
  bool play_at_once(const Step& step);
  void pass_time(const Step& step);
  void run_later();

  boost::asio::steady_timer timer_;
  ScriptPlayer player_;
  ScriptHost& host_;
  std::weak_ptr<Subscriber> acting_;  // plays the current step
  bool is_acting_ = false;
  bool waiting_ = false;
  bool serving_ = false;
  bool running_ = false;
  bool stopped_ = false;
};

}  // namespace gcstream_sim
