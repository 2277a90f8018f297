// Events; channels and sockets are in switchboard_channels.cpp.
#include "simulator/notifications/switchboard.hpp"

#include <algorithm>
#include <utility>

#include "simulator/notifications/topic.hpp"
#include "simulator/secrets.hpp"

namespace gcstream_sim {
namespace {

constexpr std::size_t kRemembered = 1000;  // events of a channel, to be sent again
constexpr std::uint64_t kMovesForOne = 20'000;
constexpr std::size_t kCorrelationBytes = 16;

std::string padded(const Notification& notification, const std::string& correlation,
                   std::size_t bytes) {
  constexpr std::size_t kOfTheMember = 13;  // ,"padding":""
  std::string frame = frame_text(notification, correlation);
  if (frame.size() + kOfTheMember >= bytes) {
    return frame;
  }
  Notification larger = notification;
  larger.body["padding"] = std::string(bytes - frame.size() - kOfTheMember, 'x');
  return frame_text(larger, correlation);
}

// With metadata that no other has.
Delivery event_of(const Notification& notification, std::size_t bytes) {
  Delivery event;
  event.event = std::make_shared<const std::string>(
      padded(notification, random_hex(kCorrelationBytes), bytes));
  return event;
}

}  // namespace

Switchboard::Switchboard(const NotificationOptions& options, const Story& story, EventTime now)
    : options_(options),
      count_(story.count),
      centre_(story.seed, options, now),
      registry_(options.most_channels, options.channel_life),
      judge_(centre_.directory(), options.rejected),
      truth_(story.truth) {}

bool Switchboard::is_of_interest(const Notification& notification) const {
  return !notification.detail || wanted_.contains(notification.topic);
}

Notification Switchboard::next(EventTime now) {
  while (true) {
    while (pending_.empty()) {
      auto more = centre_.next(now);
      pending_.insert(pending_.end(), std::make_move_iterator(more.begin()),
                      std::make_move_iterator(more.end()));
    }
    Notification notification = std::move(pending_.front());
    pending_.pop_front();
    if (is_of_interest(notification)) {
      return notification;
    }
  }
}

void Switchboard::happen(EventTime now) {
  expire(now);
  emit(next(now), now);
}

void Switchboard::happen(std::uint64_t events, EventTime now) {
  std::uint64_t left = events * kMovesForOne;
  while (events > 0 && left-- > 0) {
    const Notification notification = next(now);
    const bool counts = wanted_.empty() || wanted_.contains(notification.topic);
    emit(notification, now);
    events -= counts ? 1U : 0U;
  }
}

std::vector<Delivery> Switchboard::happen_for(const std::string& id, std::uint64_t events,
                                              EventTime now, std::size_t bytes) {
  const Channel* channel = channel_of(id);
  if (channel == nullptr || channel->topics.empty()) {
    return {};
  }
  withheld_ = {channel->number, bytes, {}};
  for (std::uint64_t left = events * kMovesForOne; left > 0 && withheld_.events.size() < events;
       --left) {
    happen(now);
  }
  return std::exchange(withheld_, {}).events;
}

std::vector<const Channel*> Switchboard::listeners_of(const std::string& topic) const {
  std::vector<const Channel*> listeners;
  for (const auto& [number, channel] : registry_.channels()) {
    if (channel.connected && channel.listened.contains(topic)) {
      listeners.push_back(&channel);
    }
  }
  return listeners;
}

void Switchboard::emit(const Notification& notification, EventTime now) {
  const auto listeners = listeners_of(notification.topic);
  const bool withheld =
      std::any_of(listeners.begin(), listeners.end(),
                  [this](const Channel* channel) { return channel->number == withheld_.channel; });
  const std::size_t bytes = withheld ? withheld_.bytes : 0;
  Delivery event = event_of(notification, bytes);
  event.number = ++counters_.events;
  truth_.event(event.number, notification, now, listeners.size(), *event.event);
  counters_.unheard += listeners.empty() ? 1U : 0U;
  counters_.sent += listeners.size();
  for (const Channel* channel : listeners) {
    send(*channel, event);
    if (options_.own_metadata && channel != listeners.back()) {
      event.event = event_of(notification, bytes).event;
    }
  }
}

void Switchboard::send(const Channel& channel, const Delivery& event) {
  Line& line = lines_[channel.number];
  line.last.push_back(event);
  if (line.last.size() > kRemembered) {
    line.last.pop_front();
  }
  if (channel.number == withheld_.channel) {
    withheld_.events.push_back(event);
  } else if (const auto listener = line.listener.lock()) {
    listener->hear(event);
  }
}

std::vector<Delivery> Switchboard::last_of(const std::string& id, std::uint64_t events) const {
  const Channel* channel = channel_of(id);
  const auto line = channel == nullptr ? lines_.end() : lines_.find(channel->number);
  if (line == lines_.end()) {
    return {};
  }
  const auto& last = line->second.last;
  const std::size_t size = std::min<std::size_t>(last.size(), events);
  std::vector<Delivery> again(last.end() - static_cast<std::ptrdiff_t>(size), last.end());
  for (Delivery& delivery : again) {
    delivery.number = 0;  // that it was sent is known
  }
  return again;
}

}  // namespace gcstream_sim
