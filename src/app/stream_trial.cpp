#include "gcstreamd/app/stream_trial.hpp"

#include <fmt/format.h>

#include <utility>

#include "gcstreamd/app/stream_target.hpp"
#include "gcstreamd/app/system_inputs.hpp"
#include "gcstreamd/core/stream_machine.hpp"
#include "gcstreamd/core/text.hpp"
#include "gcstreamd/core/token.hpp"
#include "gcstreamd/net/clocks.hpp"

namespace gcstreamd {
namespace {
constexpr int kForbidden = 403;
constexpr std::chrono::milliseconds kCloseLimit{2000};
constexpr std::chrono::milliseconds kFirstWord{300};

Url url_of(const std::string& text) {
  return parse_url(text).value_or(Url{});
}

std::string rejection(const TopicVerdict& topic) {
  std::string line = fmt::format("{} is rejected", topic.topic);
  if (!topic.reason.empty())
    line += ": " + topic.reason;
  if (!topic.missing_permissions.empty())
    line += fmt::format(" (missing: {})", join(topic.missing_permissions, ", "));
  return clip(line, Scrubber::kShown);
}

std::vector<std::string> topic_notes(const ChannelTrial::Found& found) {
  constexpr std::size_t kShown = 20;
  std::vector<std::string> notes;
  if (found.topics == 0)
    notes.emplace_back("the rules fit no queue and no user: nothing would be heard");
  if (found.left_out > 0)
    notes.push_back(fmt::format("{} topics have no room in {} channels of {}", found.left_out,
                                kMostChannels, kMostTopicsPerChannel));
  if (found.no_room)
    notes.push_back(fmt::format(
        "{} channels of this OAuth client are there, and another one would end one of them: its "
        "topics were not tried",
        kMostChannels));
  if (!found.rejected.empty())
    notes.push_back(
        fmt::format("{} of {} topics are rejected; what is missing belongs into a role "
                    "of the OAuth client:",
                    found.rejected.size(), found.topics));
  for (const TopicVerdict& topic : found.rejected)
    if (notes.size() < kShown)
      notes.push_back("  " + rejection(topic));
  if (found.rejected.size() > kShown)
    notes.emplace_back("  and more");
  return notes;
}

}  // namespace

StreamTrial::StreamTrial(boost::asio::any_io_executor loop, const StreamConfig& config)
    : loop_(loop),
      config_(config),
      token_leg_(url_of(config.endpoints.oauth_url), config.proxy, Stage::oauth),
      http_(loop),
      wait_(loop) {
  if (config.protocol == ProtocolKind::notifications)
    topics_leg_.emplace(url_of(config.endpoints.api_url), config.proxy, Stage::subscribe);
  else
    stream_leg_.emplace(url_of(config.endpoints.stream_url), config.proxy, Stage::upgrade);
}

void StreamTrial::start(std::function<void()> on_end) {
  on_end_ = std::move(on_end);
  teach(scrubber_, config_.proxy);
  const auto secret = read_secret(config_.oauth.client_secret);
  const auto context = tls_.get(config_.tls);
  if (!secret || !context) {
    fail(token_leg_, secret ? context.error() : secret.error());
    return;
  }
  scrubber_.know("client_secret", *secret);
  scrubber_.know("basic", basic_credentials(config_.oauth.client_id, *secret));
  http_.exchange(token_request(config_.oauth, config_.endpoints.oauth_url, *secret),
                 options(*context, token_leg_),
                 [this](Outcome<HttpResponse> answer) { on_answer(std::move(answer)); });
}

ConnectionOptions StreamTrial::options(TlsContext context, OnlineLeg& leg) const {
  ConnectionOptions options(std::move(context), config_);
  options.on_stage = [&leg](Stage stage, std::chrono::nanoseconds took) {
    leg.on_stage(stage, took);
  };
  return options;
}

void StreamTrial::on_answer(Outcome<HttpResponse> answer) {
  if (!answer) {
    fail(token_leg_, answer.error());
    return;
  }
  const auto grant = parse_token_response(*answer, wall_now());
  wipe(answer->body);
  if (!grant) {
    fail(token_leg_, grant.error());
    return;
  }
  scrubber_.know("token", grant->access_token);
  if (topics_leg_)
    try_topics(grant->access_token);
  else
    open_stream(stream_target(config_, grant->access_token));
}

void StreamTrial::try_topics(const Secret& token) {
  const auto context = tls_.get(config_.tls);
  if (!context) {
    fail(*topics_leg_, context.error());
    return;
  }
  topics_ = std::make_unique<ChannelTrial>(
      loop_, config_, [this, context = *context] { return options(context, *topics_leg_); });
  topics_->start(token,
                 [this](Outcome<ChannelTrial::Found> found) { on_topics(std::move(found)); });
}

void StreamTrial::on_topics(Outcome<ChannelTrial::Found> found) {
  if (!found) {
    fail(*topics_leg_, found.error(), api_hint(found.error()));
    return;
  }
  notes_ = topic_notes(*found);
  if (!found->channel) {
    finish();
    return;
  }
  scrubber_.know("channel", found->channel->id);
  scrubber_.know("uri", found->channel->connect_uri);
  if (found->permitted == 0) {
    fail(*topics_leg_,
         Fault(Stage::subscribe, FaultKind::http_status, kForbidden, "no topic is permitted"),
         "grant the OAuth client's roles the permissions that are named below");
    return;
  }
  WebSocketTarget target = channel_target(found->channel->connect_uri);
  stream_leg_.emplace(target.url, config_.proxy, Stage::upgrade);
  open_stream(std::move(target));
}

void StreamTrial::open_stream(WebSocketTarget target) {
  auto context = tls_.get(config_.tls);
  if (!context) {
    fail(*stream_leg_, context.error());
    return;
  }
  LinkObserver& observer = *this;
  link_ = std::make_unique<WebSocketClient>(loop_, options(std::move(*context), *stream_leg_),
                                            config_.max_frame_bytes, observer);
  link_->open(std::move(target));
}

/// A server that refuses may do so right behind the handshake.
void StreamTrial::on_open() {
  wait_.expires_after(kFirstWord);
  wait_.async_wait([this](const boost::system::error_code& aborted) {
    if (!aborted)
      link_->close(kCloseNormal, "checked", kCloseLimit);
  });
}

void StreamTrial::on_refused(const Fault& fault) {
  fail(*stream_leg_, fault);
}

void StreamTrial::on_closed(const LinkEnd& end) {
  wait_.cancel();
  if (end.by_client)
    finish();
  else
    fail(*stream_leg_, end.fault);
}

void StreamTrial::fail(OnlineLeg& leg, Fault fault, std::string_view advice) {
  fault.what = scrubber_.shown(fault.what);
  leg.fail(fault, advice);
  fault_ = std::move(fault);
  finish();
}

void StreamTrial::finish() {
  over_ = true;
  on_end_();
}

std::vector<OnlineStep> StreamTrial::steps() const {
  std::vector<OnlineStep> steps = token_leg_.steps();
  for (const auto& leg : {topics_leg_, stream_leg_})
    if (leg)
      steps.insert(steps.end(), leg->steps().begin(), leg->steps().end());
  return steps;
}

}  // namespace gcstreamd
