// Who hears what: channels, the sockets that listen to them, and the events that happen, with the
// truth about each.
//
// Ownership: owns the contact centre, the channels and the truth file; keeps weak references to
// sockets. No clock; its one I/O is the truth file. For one thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/cursor.hpp"
#include "simulator/notifications/call_centre.hpp"
#include "simulator/notifications/channel_registry.hpp"
#include "simulator/notifications/topic_judge.hpp"
#include "simulator/notifications/truth_file.hpp"
#include "simulator/stream_orders.hpp"

namespace gcstream_sim {

// A channel's socket.
class Listener {
 public:
  virtual ~Listener() = default;
  // Is kept, and not sent before the next Subscriber::on_events().
  virtual void hear(const Delivery& message) = 0;
  // Comes instead of anything more.
  virtual void hang_up(const CloseOrder& order) = 0;
};

struct SwitchboardCounters {
  std::uint64_t events = 0;
  std::uint64_t sent = 0;     // events times sockets
  std::uint64_t unheard = 0;  // events that no socket was sent
  std::uint64_t channels = 0;
  std::uint64_t removed = 0;  // of these, to make room
  std::uint64_t expired = 0;
  std::uint64_t displaced = 0;  // sockets
};

// What a client is told in the place of events when its channel is gone.
Delivery gone_in_band();

class Switchboard {
 public:
  struct Story {
    std::uint64_t seed = 1;
    std::optional<std::uint64_t> count;  // of events that come by themselves
    std::filesystem::path truth;         // empty: none is written
  };
  Switchboard(const NotificationOptions& options, const Story& story, EventTime now);

  // ---- Events.
  bool finished() const { return finished_ || (count_ && counters_.events >= *count_); }
  void finish() { finished_ = true; }
  // One event, also when all have come. A detail event happens only where a channel has, or had,
  // its topic.
  void happen(EventTime now);
  // So many on topics that a channel has or had; where none had, on any.
  void happen(std::uint64_t events, EventTime now);
  // Until so many were for that channel: these its own socket does not hear, but the caller has to
  // send. Each is made `bytes` long when that is more than it needs.
  std::vector<Delivery> happen_for(const std::string& channel, std::uint64_t events, EventTime now,
                                   std::size_t bytes = 0);
  // The last events that the channel was sent.
  std::vector<Delivery> last_of(const std::string& channel, std::uint64_t events) const;
  void flush() { truth_.flush(); }

  // ---- Channels. Ids that are unknown are no error.
  const Channel& open_channel(EventTime now);
  Channel* find(std::string_view id, EventTime now);
  const ChannelRegistry& registry() const { return registry_; }
  // Replaces them, and renews the channel.
  void set_topics(Channel& channel, std::vector<std::string> topics, EventTime now);
  // The channel gets no events any more, and stays.
  void forget_topics(const std::string& id, EventTime now);
  // Its socket gets the order, if any.
  void end_channel(const std::string& id, const std::optional<CloseOrder>& order, EventTime now);
  void expire(EventTime now);

  // ---- Sockets.
  // Hangs up on the one that the channel had. False: there is no such channel.
  bool connect(const std::string& id, const std::weak_ptr<Listener>& listener, EventTime now);
  // `unsent` are numbers of events that it was to send.
  void disconnect(const std::string& id, const Listener& listener,
                  const std::vector<std::uint64_t>& unsent, EventTime now);
  // As if another socket had come.
  void displace(const std::string& id, std::uint16_t code, EventTime now);
  bool listens(std::string_view id) const;

  CallCentre& centre() { return centre_; }
  TopicJudge& judge() { return judge_; }
  const NotificationOptions& options() const { return options_; }
  const SwitchboardCounters& counters() const { return counters_; }

 private:
  struct Line {
    std::weak_ptr<Listener> listener;
    const Listener* connected = nullptr;  // to tell it from the one that it displaced
    std::deque<Delivery> last;
  };
  // What happen_for() collects.
  struct Withheld {
    std::uint64_t channel = 0;
    std::size_t bytes = 0;
    std::vector<Delivery> events;
  };

  Notification next(EventTime now);
  bool is_of_interest(const Notification& notification) const;
  void emit(const Notification& notification, EventTime now);
  void send(const Channel& channel, const Delivery& event);
  std::vector<const Channel*> listeners_of(const std::string& topic) const;
  void gone(const Channel& channel, const std::optional<CloseOrder>& order, EventTime now);
  CloseOrder farewell() const;
  const Channel* channel_of(std::string_view id) const;
  Channel* channel_of(std::string_view id);

  const NotificationOptions options_;
  const std::optional<std::uint64_t> count_;
  CallCentre centre_;
  ChannelRegistry registry_;
  TopicJudge judge_;
  TruthFile truth_;
  std::map<std::uint64_t, Line> lines_;  // by the channel's number
  std::deque<Notification> pending_;
  std::set<std::string, std::less<>> wanted_;  // topics that a channel has or had
  Withheld withheld_;
  SwitchboardCounters counters_;
  bool finished_ = false;
};

}  // namespace gcstream_sim
