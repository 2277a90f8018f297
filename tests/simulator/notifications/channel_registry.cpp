#include "simulator/notifications/channel_registry.hpp"

#include <algorithm>
#include <utility>

#include "simulator/notifications/topic.hpp"

namespace gcstream_sim {

ChannelRegistry::Created ChannelRegistry::create(std::string id, ChannelTime now) {
  auto removed = make_room();
  Channel& channel = channels_[++newest_];
  channel.number = newest_;
  channel.id = std::move(id);
  renew(channel, now);
  return {channel, std::move(removed)};
}

std::optional<Channel> ChannelRegistry::make_room() {
  if (channels_.size() < most_) {
    return std::nullopt;
  }
  const auto goes_first = [](const auto& a, const auto& b) {
    return std::pair(a.second.connected, a.second.used) <
           std::pair(b.second.connected, b.second.used);
  };
  const auto goes = std::min_element(channels_.begin(), channels_.end(), goes_first);
  Channel removed = std::move(goes->second);
  channels_.erase(goes);
  return removed;
}

Channel* ChannelRegistry::find(std::string_view id, ChannelTime now) {
  for (auto& [number, channel] : channels_) {
    if (channel.id == id) {
      return channel.expires > now ? &channel : nullptr;
    }
  }
  return nullptr;
}

void ChannelRegistry::renew(Channel& channel, ChannelTime now) const {
  channel.used = now;
  channel.expires = now + life_;
}

void ChannelRegistry::set_topics(Channel& channel, std::vector<std::string> topics) {
  channel.topics.clear();
  channel.listened.clear();
  std::set<std::string> seen;
  for (std::string& topic : topics) {
    if (!seen.insert(topic).second) {
      continue;
    }
    for (std::string& single : single_topics(topic)) {
      channel.listened.insert(std::move(single));
    }
    channel.topics.push_back(std::move(topic));
  }
}

std::optional<Channel> ChannelRegistry::remove(std::string_view id) {
  const auto found = std::find_if(channels_.begin(), channels_.end(),
                                  [id](const auto& entry) { return entry.second.id == id; });
  if (found == channels_.end()) {
    return std::nullopt;
  }
  Channel removed = std::move(found->second);
  channels_.erase(found);
  return removed;
}

std::vector<Channel> ChannelRegistry::expire(ChannelTime now) {
  std::vector<Channel> expired;
  for (auto entry = channels_.begin(); entry != channels_.end();) {
    if (entry->second.expires > now) {
      ++entry;
      continue;
    }
    expired.push_back(std::move(entry->second));
    entry = channels_.erase(entry);
  }
  return expired;
}

}  // namespace gcstream_sim
