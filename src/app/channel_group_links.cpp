// What becomes of a group's sockets; channel_group.cpp has the rest.
#include <boost/asio/post.hpp>
#include <utility>

#include "gcstreamd/app/channel_group.hpp"

namespace gcstreamd {
namespace {

/// A refused upgrade is about the channel, and not about the token.
std::string_view link_hint(const Fault& fault) {
  const bool refused = fault.stage == Stage::upgrade && fault.kind == FaultKind::http_status;
  if (refused && (fault.code == 401 || fault.code == 403 || fault.code == 404))
    return "the service does not know the channel any more: another one is made";
  return hint(fault);
}

}  // namespace

ChannelGroup::Channel* ChannelGroup::holder_of(const ChannelLink& link) {
  const auto found = channels_.find(link.channel());
  return found != channels_.end() && found->second.link.get() == &link ? &found->second : nullptr;
}

void ChannelGroup::on_link_up(ChannelLink& link) {
  Channel* channel = holder_of(link);
  if (!channel)
    return;
  channel->last_frame = link.last_frame();
  channel->progressed = false;
  host_.note(AuditRecord("connection_open").text("host", link.host()));
  link.pause(!host_.may_read());
  feed(input::SocketUp{link.channel()});
}

void ChannelGroup::on_link_message(ChannelLink& link, std::string_view message,
                                   const Now& arrived) {
  if (Channel* channel = holder_of(link))
    channel->last_frame = arrived.wall;
  const Heard heard = host_.hear(message, arrived);
  // Each step may have ended the channel: a sink that failed, a notice.
  if (Channel* channel = holder_of(link);
      channel && heard.progressed && !std::exchange(channel->progressed, true))
    feed(input::Progress{});
  if (heard.notice && holder_of(link))
    feed(input::Told{link.channel(), heard.notice->kind});
  Channel* channel = holder_of(link);
  if (!channel || !heard.refused)
    return;
  report_error(*heard.refused, "");
  link.close(close_limit_);
  leaving_.push_back(std::move(channel->link));
  feed(input::SocketDown{link.channel(), *heard.refused});
}

/// A pong comes behind all that the server sent before the new channel was there.
void ChannelGroup::on_link_sign(ChannelLink& link) {
  const auto serving = machine_.serving();
  if (serving && link.channel() != *serving && holder_of(link))
    feed(input::OldHeard{});
}

void ChannelGroup::on_link_silent(ChannelLink&, std::chrono::milliseconds silence) {
  const std::chrono::duration<double> seconds = silence;
  host_.note(AuditRecord("heartbeat_missed").real("silentS", seconds.count()));
}

void ChannelGroup::on_link_end(ChannelLink& link, const LinkEnd& end, bool was_open) {
  report_end(end, was_open);
  if (Channel* channel = holder_of(link)) {
    if (was_open)
      channel->last_frame = link.last_frame();
    bury(std::move(channel->link));
    feed(input::SocketDown{link.channel(), end.fault});
    return;
  }
  for (auto& leaving : leaving_)
    if (leaving.get() == &link)
      bury(std::move(leaving));
  std::erase(leaving_, nullptr);
}

void ChannelGroup::report_end(const LinkEnd& end, bool was_open) {
  constexpr std::uint16_t kAbnormal = 1006;
  const bool expected = end.fault.kind == FaultKind::cancelled;
  const bool by_close_frame = was_open && !end.by_client && end.code != kAbnormal;
  if (!expected && !by_close_frame)
    report_error(end.fault, link_hint(end.fault));
  if (!was_open)
    return;
  AuditRecord closed("connection_closed");
  closed.number("code", end.code)
      .text("reason", host_.shown(end.reason))
      .text("initiator", end.by_client ? "client" : "server");
  host_.note(by_close_frame ? closed.text_if("hint", hint(end.fault)) : closed);
}

/// A link may be on the stack: it is destroyed when the loop is back.
void ChannelGroup::bury(std::unique_ptr<ChannelLink> link) {
  if (!link)
    return;
  grave_.push_back(std::move(link));
  boost::asio::post(tools_.loop, [this, alive = alive_] {
    if (*alive)
      grave_.clear();
  });
}

}  // namespace gcstreamd
