#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "gcstreamd/app/notifications_stream.hpp"
#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

constexpr std::size_t kShownWords = 400;
constexpr std::chrono::milliseconds kCloseLimit{2000};

std::vector<std::string> shown(const std::vector<std::string>& topics) {
  constexpr std::size_t kShown = 20;
  return {topics.begin(),
          topics.begin() + static_cast<std::ptrdiff_t>(std::min(topics.size(), kShown))};
}

}  // namespace

TopicWatch::Events NotificationsStream::topic_events() {
  TopicWatch::Events events;
  events.on_listed = [this](const TopicWatch::Entries& queues, const TopicWatch::Entries& users) {
    queues_ = queues;
    users_ = users;
    plan(queues_, users_);
  };
  events.on_fault = [this](const Fault& fault) {
    note(AuditRecord("connection_error")
             .text("stage", gcstreamd::name(fault.stage))
             .text("error", "queues and users cannot be listed: " +
                                clip(scrubber_.scrub(fault.what), kShownWords))
             .text_if("hint", api_hint(fault)));
  };
  return events;
}

/// The rules as they are now; what the org has is asked for where they need it.
void NotificationsStream::plan_topics() {
  const TopicRules rules = topic_rules(config_);
  if (rules.needs(DirectoryKind::queues) || rules.needs(DirectoryKind::users)) {
    watch_.start();
    return;
  }
  watch_.stop();
  plan({}, {});
}

void NotificationsStream::plan(std::span<const DirectoryPage::Entry> queues,
                               std::span<const DirectoryPage::Entry> users) {
  if (stopping_)
    return;
  const auto update = groups_.assign(joined(expand(topic_rules(config_), queues, users)));
  tell_left_out(update.left_out.size());
  if (!update.left_out.empty())
    log_->debug("{}: topics left out: {}", config_.name, fmt::join(shown(update.left_out), ", "));
  if (!std::exchange(planned_, true)) {
    keeper_.coverage().start(groups_.size(), "crash", now().wall);
    if (groups_.size() == 0)
      log_->warn("{}: the rules fit no queue and no user yet: they are listed again every {} s",
                 config_.name, config_.notifications.discovery_interval.count());
  }
  for (const std::size_t group : update.changed)
    change_group(group);
}

/// Combined where there are more than one channel holds; in parts again where the service does not
/// take that.
std::vector<std::string> NotificationsStream::joined(const std::vector<std::string>& topics) const {
  if (topics.size() <= kMostTopicsPerChannel)
    return topics;
  std::vector<std::string> all;
  for (const std::string& topic : combine(topics)) {
    if (!split_.contains(topic)) {
      all.push_back(topic);
      continue;
    }
    for (std::string& part : split_combined(topic))
      all.push_back(std::move(part));
  }
  return all;
}

void NotificationsStream::tell_left_out(std::size_t count) {
  if (count == std::exchange(left_out_, count) || count == 0)
    return;
  log_->error(
      "{}: {} topics have no room: {} channels with {} topics each are all that the service gives "
      "one client; fewer queues and users, or another stream with another OAuth client",
      config_.name, count, kMostChannels, kMostTopicsPerChannel);
}

const std::vector<std::string>& NotificationsStream::topics(std::size_t group) const {
  return groups_.group(group);
}

void NotificationsStream::change_group(std::size_t group) {
  const auto shell = shells_.find(group);
  const bool runs = shell != shells_.end();
  if (groups_.group(group).empty()) {
    if (runs)
      shell->second->feed(input::Stop{});
    keeper_.changed(keeper_.coverage().drop(group, now().wall));
  } else if (!runs) {
    start_group(group);
  } else {
    if (!groups_.leaves_room_to_replace())
      log_->warn("{}: all channels are in use: the service removes one for each replacement",
                 config_.name);
    shell->second->feed(input::Replace{"topics"});
  }
}

void NotificationsStream::start_group(std::size_t group) {
  const auto limit =
      std::min<std::chrono::milliseconds>(kCloseLimit, context_.shutdown_timeout / 2);
  auto& shell = shells_[group];
  ChannelHost& host = *this;
  shell = std::make_unique<ChannelGroup>(host, tools_, desk_, group, limit);
  if (down_)
    shell->feed(input::SinkDown{});
  shell->feed(input::Start{});
}

void NotificationsStream::on_judged(std::span<const std::string> topics,
                                    const SubscriptionAnswer& answer) {
  for (const AuditRecord& record : rejected_.update(topics, answer))
    note(record);
  bool split = false;
  for (const TopicVerdict& verdict : answer.rejected)
    if (verdict.topic.find('?') != std::string::npos)
      split = split_.insert(verdict.topic).second || split;
  if (!split)
    return;
  boost::asio::post(context_.loop, [this, alive = alive_] {
    if (*alive)
      plan(queues_, users_);
  });
}

void NotificationsStream::on_group_end(std::size_t group, ExitCode code) {
  boost::asio::post(context_.loop, [this, alive = alive_, group, code] {
    if (!*alive)
      return;
    if (stopping_)
      wind_down_if_stopped();
    else if (code == ExitCode::clean)
      drop_group(group);
    else
      end(code);
  });
}

/// It had no topics any more when it was stopped; by now it may have some.
void NotificationsStream::drop_group(std::size_t group) {
  shells_.erase(group);
  live_.erase(group);
  if (!groups_.group(group).empty())
    start_group(group);
}

}  // namespace gcstreamd
