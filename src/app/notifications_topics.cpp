#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "gcstreamd/app/notifications_stream.hpp"
#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

constexpr std::chrono::milliseconds kCloseLimit{2000};

std::vector<std::string> first_of(const std::vector<std::string>& topics) {
  constexpr std::size_t kShown = 20;
  return {topics.begin(),
          topics.begin() + static_cast<std::ptrdiff_t>(std::min(topics.size(), kShown))};
}

}  // namespace

TopicWatch::Events NotificationsStream::topic_events() {
  TopicWatch::Events events;
  events.on_listed = [this](const TopicWatch::Entries& queues, const TopicWatch::Entries& users) {
    listing_before_ = std::exchange(listing_, {queues, users});
    const bool first = !std::exchange(listed_, true);
    const auto changed = plan();
    if (first && expects_listing_)
      await_listed(changed);
  };
  events.on_fault = [this](const Fault& fault) { on_listing_fault(fault); };
  return events;
}

/// Until something was planned no channel machine counts what came to nothing.
void NotificationsStream::on_listing_fault(const Fault& fault) {
  note(AuditRecord("connection_error")
           .text("stage", gcstreamd::name(fault.stage))
           .text("error", "queues and users cannot be listed: " + scrubber_.shown(fault.what))
           .text_if("hint", api_hint(fault)));
  if (planned_)
    return;
  if (!expand(topic_rules(config_), {}, {}).empty()) {  // what is named needs no listing
    plan();
    return;
  }
  const bool refused = fault.stage == Stage::oauth && disposition(fault) == Disposition::fatal;
  refusals_ = refused ? refusals_ + 1 : 0;
  const unsigned most = config_.reconnect.max_attempts;
  if (refusals_ >= kMaxRefusals && !desk_.granted()) {
    end(ExitCode::credentials_refused);
  } else if (most != 0 && watch_.attempts() > most) {
    note(AuditRecord("max_reconnect_attempts_reached").number("attempts", most));
    end(ExitCode::attempts_used_up);
  }
}

/// The rules as they are now; what the org has is asked for where they need it.
void NotificationsStream::plan_topics() {
  const TopicRules rules = topic_rules(config_);
  if (rules.needs(DirectoryKind::queues) || rules.needs(DirectoryKind::users)) {
    if (planned_)
      plan();  // what is named is taken at once
    watch_.start();
    return;
  }
  watch_.stop();
  expects_listing_ = false;
  plan();
}

/// A topic goes when two listings in a row are without it: one may come back short by a fault.
std::vector<std::string> NotificationsStream::wanted_topics() const {
  TopicWatch::Entries queues = listing_.queues;
  TopicWatch::Entries users = listing_.users;
  queues.insert(queues.end(), listing_before_.queues.begin(), listing_before_.queues.end());
  users.insert(users.end(), listing_before_.users.begin(), listing_before_.users.end());
  return expand(topic_rules(config_), queues, users);
}

std::vector<std::size_t> NotificationsStream::plan() {
  if (stopping_)
    return {};
  const auto update = groups_.assign(joined(wanted_topics()));
  rejected_.keep_only(groups_.all());
  tell_left_out(update.left_out.size());
  if (!update.left_out.empty())
    log_->debug("{}: topics left out: {}", config_.name,
                fmt::join(first_of(update.left_out), ", "));
  if (!std::exchange(planned_, true)) {
    const TopicRules rules = topic_rules(config_);
    expects_listing_ =
        !listed_ && (rules.needs(DirectoryKind::queues) || rules.needs(DirectoryKind::users));
    unlisted_from_ = now().wall;
    keeper_.coverage().start(groups_.size(), "crash", now().wall);
  }
  if (groups_.channels() == 0)
    log_->warn("{}: the rules fit no queue and no user: they are listed again every {} s",
               config_.name, config_.notifications.discovery_interval.count());
  for (const std::size_t group : update.changed)
    change_group(group);
  return update.changed;
}

/// What happens on topics that are not known yet is not heard: that ends when all groups that the
/// first listing changed are live.
void NotificationsStream::await_listed(const std::vector<std::size_t>& changed) {
  awaited_.insert(changed.begin(), changed.end());
  end_await(kNoGroup);
}

void NotificationsStream::end_await(std::size_t group) {
  awaited_.erase(group);
  if (!awaited_.empty() || !listed_ || !std::exchange(expects_listing_, false))
    return;
  keeper_.changed(keeper_.coverage().unheard({unlisted_from_, now().wall}, "start"));
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
    end_await(group);
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
  shell->regulate();
  if (down_)
    shell->feed(input::SinkDown{});
  shell->feed(input::Start{});
}

void NotificationsStream::on_judged(std::span<const std::string> topics,
                                    const SubscriptionAnswer& answer) {
  SubscriptionAnswer clean = answer;
  for (TopicVerdict& verdict : clean.rejected) {  // the server's words: they may hold anything
    verdict.reason = scrubber_.shown(verdict.reason);
    for (std::string& permission : verdict.missing_permissions)
      permission = scrubber_.shown(permission);
  }
  for (const AuditRecord& record : rejected_.update(topics, clean))
    note(record);
  bool split = false;
  for (const TopicVerdict& verdict : answer.rejected)
    if (verdict.topic.find('?') != std::string::npos)
      split = split_.insert(verdict.topic).second || split;
  if (!split)
    return;
  boost::asio::post(context_.loop, [this, alive = alive_] {
    if (*alive)
      plan();
  });
}

void NotificationsStream::on_muted(std::size_t group) {
  end_await(group);
  keeper_.changed(keeper_.coverage().drop(group, now().wall));
}

bool NotificationsStream::others_heard(std::size_t group) const {
  return std::any_of(live_.begin(), live_.end(), [&](const auto& entry) {
    return entry.first != group && !entry.second.empty();
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
