#include "gcstreamd/app/channel_trial.hpp"

#include <iterator>
#include <utility>

#include "gcstreamd/app/topic_watch.hpp"
#include "gcstreamd/net/clocks.hpp"

namespace gcstreamd {

ChannelTrial::ChannelTrial(boost::asio::any_io_executor loop, const StreamConfig& config,
                           Options options)
    : config_(config), options_(std::move(options)), http_(std::move(loop)) {}

void ChannelTrial::start(const Secret& token, Done done) {
  token_ = token;
  done_ = std::move(done);
  const TopicRules rules = topic_rules(config_);
  if (rules.needs(DirectoryKind::queues))
    list(DirectoryKind::queues, 1);
  else if (rules.needs(DirectoryKind::users))
    list(DirectoryKind::users, 1);
  else
    plan();
}

void ChannelTrial::call(HttpRequest request, Take take) {
  http_.exchange(std::move(request), options_(),
                 [this, take = std::move(take)](Outcome<HttpResponse> answer) {
                   if (!answer)
                     end(of_api(answer.error()));
                   else if (const auto fault = take(*answer))
                     end(*fault);
                 });
}

void ChannelTrial::list(DirectoryKind kind, unsigned page) {
  call(list_directory(config_.endpoints.api_url, token_, kind, page),
       [this, kind, page](const HttpResponse& answer) { return on_page(answer, kind, page); });
}

std::optional<Fault> ChannelTrial::on_page(const HttpResponse& answer, DirectoryKind kind,
                                           unsigned page) {
  auto found = parse_directory(answer, page, wall_now());
  if (!found)
    return found.error();
  auto& entries = kind == DirectoryKind::queues ? queues_ : users_;
  std::move(found->entries.begin(), found->entries.end(), std::back_inserter(entries));
  if (!found->last && page < TopicWatch::kMostPages)
    list(kind, page + 1);
  else if (kind == DirectoryKind::queues && topic_rules(config_).needs(DirectoryKind::users))
    list(DirectoryKind::users, 1);
  else
    plan();
  return std::nullopt;
}

void ChannelTrial::plan() {
  const auto topics = expand(topic_rules(config_), queues_, users_);
  const bool many = topics.size() > kMostTopicsPerChannel;
  found_.topics = topics.size();
  found_.left_out = groups_.assign(many ? combine(topics) : topics).left_out.size();
  call(list_channels(config_.endpoints.api_url, token_),
       [this](const HttpResponse& answer) { return on_channels(answer); });
}

std::optional<Fault> ChannelTrial::on_channels(const HttpResponse& answer) {
  const auto count = parse_channel_count(answer, wall_now());
  if (!count)
    return count.error();
  found_.no_room = *count >= kMostChannels;
  if (found_.no_room || found_.topics == 0)
    end(std::move(found_));
  else
    call(create_channel(config_.endpoints.api_url, token_),
         [this](const HttpResponse& created) { return on_created(created); });
  return std::nullopt;
}

std::optional<Fault> ChannelTrial::on_created(const HttpResponse& answer) {
  auto grant = parse_channel(answer, wall_now());
  if (!grant)
    return grant.error();
  found_.channel = std::move(*grant);
  judge_group();
  return std::nullopt;
}

/// One group after the other is set on the same channel: each takes the place of the one before.
void ChannelTrial::judge_group() {
  call(set_topics(config_.endpoints.api_url, token_, found_.channel->id, groups_.group(group_)),
       [this](const HttpResponse& answer) { return on_judged(answer); });
}

std::optional<Fault> ChannelTrial::on_judged(const HttpResponse& answer) {
  auto judged = parse_subscription(answer, groups_.group(group_), wall_now());
  if (!judged)
    return judged.error();
  found_.permitted += judged->permitted.size();
  std::move(judged->rejected.begin(), judged->rejected.end(), std::back_inserter(found_.rejected));
  if (++group_ < groups_.size())
    judge_group();
  else
    end(std::move(found_));
  return std::nullopt;
}

void ChannelTrial::end(Outcome<Found> outcome) {
  std::exchange(done_, nullptr)(std::move(outcome));
}

}  // namespace gcstreamd
