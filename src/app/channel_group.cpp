#include "gcstreamd/app/channel_group.hpp"

#include <fmt/format.h>

#include <random>
#include <utility>

namespace gcstreamd {
namespace {

ChannelOptions options_of(const StreamConfig& config) {
  ChannelOptions options;
  options.reconnect = config.reconnect;
  options.renew_margin = config.notifications.renew_margin;
  options.overlap = config.notifications.overlap;
  options.rejected_retry = config.notifications.discovery_interval;
  options.patience = config.idle_timeout;
  return options;
}

}  // namespace

ChannelGroup::ChannelGroup(ChannelHost& host, const ApiTools& tools, TokenDesk& desk,
                           std::size_t index, std::chrono::milliseconds close_limit)
    : host_(host),
      tools_(tools),
      desk_(desk),
      index_(index),
      close_limit_(close_limit),
      machine_(options_of(tools.config), std::random_device{}()),
      call_(tools, fmt::format("{}/{}", tools.config.name, index), RequestBudget::Urgency::live),
      timer_(tools.loop) {}

ChannelGroup::~ChannelGroup() {
  *alive_ = false;
  desk_.leave(*this);
}

void ChannelGroup::configure() {
  machine_.configure(options_of(tools_.config));
  for (auto& [number, channel] : channels_)
    if (channel.link)
      channel.link->configure(tools_.config.idle_timeout);
}

void ChannelGroup::regulate() {
  const bool pause = !host_.may_read();
  for (auto& [number, channel] : channels_)
    if (channel.link)
      channel.link->pause(pause);
  feed(input::Reading{!pause});
}

std::optional<WallTime> ChannelGroup::last_frame() const {
  const auto serving = machine_.serving();
  const auto found = serving ? channels_.find(*serving) : channels_.end();
  if (found == channels_.end() || !found->second.link)
    return std::nullopt;
  WallTime last = found->second.link->last_frame();
  const auto doubtful = machine_.doubtful();
  const auto old = doubtful ? channels_.find(*doubtful) : channels_.end();
  if (old != channels_.end() && old->second.link)
    last = std::min(last, old->second.link->last_frame());
  return last;
}

/// What an action leads to at once is fed when all actions before it are performed.
void ChannelGroup::feed(ChannelInput input) {
  inputs_.push_back(std::move(input));
  if (std::exchange(feeding_, true))
    return;
  while (!inputs_.empty()) {
    const ChannelInput next = std::move(inputs_.front());
    inputs_.pop_front();
    machine_.surround(host_.others_heard(index_), desk_.granted());
    for (const ChannelAction& action : machine_.on(next, host_.now()))
      std::visit([this](const auto& one) { perform(one); }, action);
  }
  feeding_ = false;
  arm();
}

void ChannelGroup::arm() {
  const auto wake = machine_.wake_at();
  if (wake == armed_)
    return;
  armed_ = wake;
  timer_.cancel();
  if (!wake)
    return;
  timer_.expires_at(*wake);
  timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (aborted)
      return;
    armed_.reset();
    feed(input::Tick{});
  });
}

void ChannelGroup::perform(const action::Authorize&) {
  renewing_.reset();
  desk_.want(*this);
}

void ChannelGroup::perform(const action::DiscardToken&) {
  desk_.source().discard();
}

void ChannelGroup::perform(const action::Create& create) {
  call_.start([this] { return create_channel(tools_.config.endpoints.api_url, desk_.token()); },
              [this, channel = create.channel](Outcome<HttpResponse> answer) {
                on_created(channel, std::move(answer));
              });
}

void ChannelGroup::on_created(ChannelNumber channel, Outcome<HttpResponse> answer) {
  if (!answer) {
    fail_call(channel, answer.error());
    return;
  }
  auto grant = parse_channel(*answer, host_.now().wall);
  wipe(answer->body);
  if (!grant) {
    fail_call(channel, grant.error());
    return;
  }
  host_.on_secret(fmt::format("channel/{}", index_), grant->id);
  host_.on_secret(fmt::format("uri/{}", index_), grant->connect_uri);
  const auto lifetime = std::min(grant->lifetime, tools_.config.notifications.channel_age);
  channels_[channel].grant = std::move(*grant);
  feed(input::Created{channel, lifetime});
}

void ChannelGroup::perform(const action::SetTopics& set) {
  set_topics_of(set.channel);
}

/// The token may have been refused meanwhile, and nobody else has asked for another one.
void ChannelGroup::perform(const action::Renew& renew) {
  renewing_ = renew.channel;
  desk_.want(*this);
}

void ChannelGroup::on_token() {
  const auto channel = std::exchange(renewing_, std::nullopt);
  if (channel && machine_.renews(*channel))
    set_topics_of(*channel);
  else
    feed(input::TokenReady{});
}

void ChannelGroup::on_no_token(const Fault& fault) {
  const auto channel = std::exchange(renewing_, std::nullopt);
  if (channel && machine_.renews(*channel))
    feed(input::CallFailed{*channel, fault});
  else
    feed(input::TokenFailed{fault});
}

/// The topics as they are when the request goes.
void ChannelGroup::set_topics_of(ChannelNumber channel) {
  call_.start(
      [this, channel] {
        asked_ = host_.topics(index_);
        return set_topics(tools_.config.endpoints.api_url, desk_.token(),
                          channels_[channel].grant.id, asked_);
      },
      [this, channel](Outcome<HttpResponse> answer) { on_topics(channel, std::move(answer)); });
}

void ChannelGroup::on_topics(ChannelNumber channel, Outcome<HttpResponse> answer) {
  if (!answer) {
    fail_call(channel, answer.error());
    return;
  }
  const auto judged = parse_subscription(*answer, asked_, host_.now().wall);
  if (!judged) {
    fail_call(channel, judged.error());
    return;
  }
  host_.on_judged(asked_, *judged);
  feed(input::TopicsSet{channel, judged->permitted.size()});
}

void ChannelGroup::fail_call(ChannelNumber channel, const Fault& fault) {
  report_error(fault, api_hint(fault));
  feed(input::CallFailed{channel, fault});
}

void ChannelGroup::perform(const action::Connect& connect) {
  Channel& channel = channels_[connect.channel];
  bury(std::move(channel.link));
  auto context = tools_.tls.get(tools_.config.tls);
  if (!context) {
    report_error(context.error(), hint(context.error()));
    feed(input::SocketDown{connect.channel, context.error()});
    return;
  }
  ChannelLinkObserver& observer = *this;
  channel.link = std::make_unique<ChannelLink>(
      tools_.loop, ConnectionOptions(std::move(*context), tools_.config), tools_.config,
      connect.channel, observer);
  channel.link->open(channel.grant.connect_uri);
}

void ChannelGroup::perform(const action::CloseSocket& close) {
  const auto found = channels_.find(close.channel);
  if (found != channels_.end() && found->second.link)
    found->second.link->close(close_limit_);
}

void ChannelGroup::perform(const action::Forget& forget) {
  const auto found = channels_.find(forget.channel);
  if (found == channels_.end())
    return;
  auto link = std::move(found->second.link);
  channels_.erase(found);
  if (link && link->is_open())
    leaving_.push_back(std::move(link));
  else
    bury(std::move(link));
}

/// A channel that it replaces is asked for a sign of life.
void ChannelGroup::perform(const action::Live& live) {
  host_.on_live(index_, live.channel);
  for (auto& [number, channel] : channels_)
    if (number != live.channel && channel.link && channel.link->is_open())
      channel.link->probe();
}

void ChannelGroup::perform(const action::Lost& lost) {
  const auto found = channels_.find(lost.channel);
  WallTime last = host_.now().wall;
  if (found != channels_.end())
    last = found->second.link ? found->second.link->last_frame() : found->second.last_frame;
  host_.on_lost(index_, lost.channel, lost.cause, last);
}

void ChannelGroup::perform(const action::Muted&) {
  host_.on_muted(index_);
}

void ChannelGroup::perform(const action::Cancel&) {
  renewing_.reset();
  desk_.leave(*this);
  call_.cancel();
}

void ChannelGroup::perform(const action::Note& note) {
  host_.note(note.record);
  if (!note.reconnect_cause.empty())
    host_.on_reconnect(note.reconnect_cause);
}

void ChannelGroup::perform(const action::End& end) {
  host_.on_group_end(index_, end.code);
}

void ChannelGroup::report_error(const Fault& fault, std::string_view hint) {
  host_.note(AuditRecord("connection_error")
                 .text("stage", name(fault.stage))
                 .text("error", host_.shown(fault.what))
                 .text_if("hint", hint));
}

}  // namespace gcstreamd
