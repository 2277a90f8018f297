// The channels of one client: how many, how long, and which one goes. Decisions only: no I/O, no
// clock; for one thread at a time.
//
// Ownership: owns the channels. A reference to one lives until that channel goes.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gcstream_sim {

using ChannelTime = std::chrono::system_clock::time_point;

struct Channel {
  std::uint64_t number = 0;  // from 1; it may be shown, the id may not
  std::string id;
  ChannelTime expires;
  ChannelTime used;
  bool connected = false;
  std::vector<std::string> topics;              // as they were asked for, each once
  std::set<std::string, std::less<>> listened;  // the single topics of these
};

class ChannelRegistry {
 public:
  ChannelRegistry(std::size_t most, std::chrono::milliseconds life) : most_(most), life_(life) {}

  struct Created {
    Channel& channel;
    std::optional<Channel> removed;  // to make room: used longest ago, unconnected first
  };
  // `id` must be new.
  Created create(std::string id, ChannelTime now);
  // Null: there is none, or it has expired.
  Channel* find(std::string_view id, ChannelTime now);
  // It lives as long as a new one, and counts as used.
  void renew(Channel& channel, ChannelTime now) const;
  static void set_topics(Channel& channel, std::vector<std::string> topics);
  std::optional<Channel> remove(std::string_view id);
  // Those whose time is over.
  std::vector<Channel> expire(ChannelTime now);
  // By their numbers.
  const std::map<std::uint64_t, Channel>& channels() const { return channels_; }

 private:
  std::optional<Channel> make_room();

  std::size_t most_;
  std::chrono::milliseconds life_;
  std::map<std::uint64_t, Channel> channels_;
  std::uint64_t newest_ = 0;
};

}  // namespace gcstream_sim
