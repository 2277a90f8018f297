// Channels and their sockets.
#include <utility>

#include "simulator/notifications/switchboard.hpp"
#include "simulator/notifications/topic.hpp"
#include "simulator/secrets.hpp"

namespace gcstream_sim {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kMostWanted = 100'000;
constexpr std::uint16_t kGoingAway = 1001;

bool is_live(const Channel& channel) {
  return channel.connected && !channel.topics.empty();
}

// Tells the truth when a channel begins or ceases to be live.
class Watch {
 public:
  Watch(TruthFile& truth, const Channel& channel, EventTime now)
      : truth_(truth), channel_(channel), now_(now), was_live_(is_live(channel)) {}
  ~Watch() {
    if (is_live(channel_) != was_live_) {
      truth_.channel(channel_.number, !was_live_, channel_.topics.size(), now_);
    }
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  TruthFile& truth_;
  const Channel& channel_;
  EventTime now_;
  bool was_live_;
};

}  // namespace

Delivery gone_in_band() {
  Delivery delivery;
  delivery.event = std::make_shared<const std::string>(
      R"({"result":"404","message":"The channel does not exist."})");
  return delivery;
}

const Channel* Switchboard::channel_of(std::string_view id) const {
  for (const auto& [number, channel] : registry_.channels()) {
    if (channel.id == id) {
      return &channel;
    }
  }
  return nullptr;
}

Channel* Switchboard::channel_of(std::string_view id) {
  return registry_.find(id, EventTime::min());
}

const Channel& Switchboard::open_channel(EventTime now) {
  expire(now);
  auto created = registry_.create("streaming-" + random_hex(kIdBytes), now);
  ++counters_.channels;
  if (created.removed) {
    ++counters_.removed;
    gone(*created.removed, farewell(), now);
  }
  return created.channel;
}

Channel* Switchboard::find(std::string_view id, EventTime now) {
  expire(now);
  return registry_.find(id, now);
}

void Switchboard::set_topics(Channel& channel, std::vector<std::string> topics, EventTime now) {
  const Watch watch(truth_, channel, now);
  ChannelRegistry::set_topics(channel, std::move(topics));
  registry_.renew(channel, now);
  if (wanted_.size() < kMostWanted) {
    wanted_.insert(channel.listened.begin(), channel.listened.end());
  }
}

void Switchboard::forget_topics(const std::string& id, EventTime now) {
  if (Channel* channel = channel_of(id)) {
    const Watch watch(truth_, *channel, now);
    ChannelRegistry::set_topics(*channel, {});
  }
}

void Switchboard::end_channel(const std::string& id, const std::optional<CloseOrder>& order,
                              EventTime now) {
  if (const auto removed = registry_.remove(id)) {
    gone(*removed, order, now);
  }
}

void Switchboard::expire(EventTime now) {
  for (const Channel& channel : registry_.expire(now)) {
    ++counters_.expired;
    gone(channel, farewell(), now);
  }
}

CloseOrder Switchboard::farewell() const {
  return {kGoingAway, "the channel is gone", false};
}

// The channel is not in the registry any more.
void Switchboard::gone(const Channel& channel, const std::optional<CloseOrder>& order,
                       EventTime now) {
  if (is_live(channel)) {
    truth_.channel(channel.number, false, channel.topics.size(), now);
  }
  const auto line = lines_.extract(channel.number);
  const auto listener = line ? line.mapped().listener.lock() : nullptr;
  if (!listener || !order) {
    return;
  }
  if (options_.gone == GoneChannel::in_band) {
    listener->hear(gone_in_band());
  } else {
    listener->hang_up(*order);
  }
}

bool Switchboard::connect(const std::string& id, const std::weak_ptr<Listener>& listener,
                          EventTime now) {
  Channel* channel = find(id, now);
  if (channel == nullptr) {
    return false;
  }
  displace(id, options_.displaced_code, now);
  const Watch watch(truth_, *channel, now);
  Line& line = lines_[channel->number];
  line.listener = listener;
  line.connected = listener.lock().get();
  channel->connected = true;
  channel->used = now;
  return true;
}

void Switchboard::displace(const std::string& id, std::uint16_t code, EventTime now) {
  Channel* channel = channel_of(id);
  if (channel == nullptr || !channel->connected) {
    return;
  }
  ++counters_.displaced;
  const Watch watch(truth_, *channel, now);
  channel->connected = false;
  Line& line = lines_[channel->number];
  line.connected = nullptr;
  if (const auto listener = std::exchange(line.listener, {}).lock()) {
    listener->hang_up({code, "another connection uses this channel", false});
  }
}

void Switchboard::disconnect(const std::string& id, const Listener& listener,
                             const std::vector<std::uint64_t>& unsent, EventTime now) {
  for (const std::uint64_t number : unsent) {
    truth_.unsent(number);
  }
  Channel* channel = channel_of(id);
  if (channel == nullptr || lines_[channel->number].connected != &listener) {
    return;
  }
  const Watch watch(truth_, *channel, now);
  channel->connected = false;
  lines_[channel->number].connected = nullptr;
}

bool Switchboard::listens(std::string_view id) const {
  const Channel* channel = channel_of(id);
  return channel != nullptr && is_live(*channel);
}

}  // namespace gcstream_sim
