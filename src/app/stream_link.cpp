#include <fmt/format.h>

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "gcstreamd/app/stream.hpp"
#include "gcstreamd/app/stream_target.hpp"

namespace gcstreamd {
namespace {

constexpr std::chrono::milliseconds kCloseLimit{2000};
/// A connection that ends sooner says something of what was asked on it.
constexpr std::chrono::milliseconds kAtOnce{2000};

}  // namespace

void Stream::perform(const action::Dial&) {
  auto context = tls_.get(config_.tls);
  if (!context) {
    on_refused(context.error());
    return;
  }
  teach(scrubber_, config_.proxy);
  LinkObserver& observer = *this;
  link_ = std::make_unique<WebSocketClient>(context_.loop,
                                            ConnectionOptions(std::move(*context), config_),
                                            config_.max_frame_bytes, observer);
  link_->open(stream_target(config_, tokens_.token()));
}

void Stream::perform(const action::Subscribe&) {
  const std::string id = to_string(boost::uuids::random_generator()());
  const auto position = intake_->position();
  AuditRecord sent("subscription_sent");
  sent.text("id", id)
      .texts("eventTypes", config_.event_types)
      .number("bufferSize", config_.buffer_size);
  if (position)
    sent.number("sequenceNumber", *position);
  intake_->judge().subscribed(position);
  link_->send_text(protocol_.subscription(id, position));
  record(sent);
}

void Stream::perform(const action::Close& close) {
  const auto limit =
      std::min<std::chrono::milliseconds>(kCloseLimit, context_.shutdown_timeout / 2);
  link_->close(close.code, close.reason, limit);
}

void Stream::on_open() {
  const Now opened = now();
  metrics_.connected(opened.steady);
  opened_at_ = opened.steady;
  progressed_ = false;
  paused_ = false;
  regulate();
  static_cast<void>(intake_->take_progress());  // of the connection before
  liveness_.emplace(config_.idle_timeout, opened.steady);
  watch_liveness();
  const auto url = parse_url(config_.endpoints.stream_url);
  record(AuditRecord("connection_open").text("host", url ? url->host : std::string()));
  feed(input::LinkUp{});
}

void Stream::on_arrival() {
  arrived_ = now();
  metrics_.frame(arrived_.wall);
  liveness_->on_frame(arrived_.steady);
}

void Stream::on_message(std::string_view message) {
  if (!machine_.receiving())
    return;
  const auto next = intake_->on_message(message, arrived_);
  note_progress();
  if (next == Intake::Next::resume)
    feed(input::ResumeWanted{});
  if (next == Intake::Next::refused)
    on_refusal_in_band();
  if (next == Intake::Next::hold)
    store_.secure_epoch();
  store_.delivery().flush_if_full();
  regulate();
}

void Stream::note_progress() {
  if (progressed_ || !intake_->take_progress())
    return;
  progressed_ = true;
  feed(input::Progress{});
}

void Stream::regulate() {
  const bool pause = !store_.ready();
  if (!link_ || pause == std::exchange(paused_, pause))
    return;
  if (pause)
    link_->pause();
  else
    link_->resume();
}

void Stream::on_control() {
  const Now came = now();
  metrics_.frame(came.wall);
  liveness_->on_frame(came.steady);
}

void Stream::on_refused(const Fault& fault) {
  if (fault.kind == FaultKind::cancelled)
    return;
  report_connection_error(fault);
  feed(input::LinkDown{fault});
}

void Stream::on_closed(const LinkEnd& end) {
  constexpr std::uint16_t kAbnormal = 1006;
  liveness_timer_.cancel();
  metrics_.disconnected();
  intake_->on_disconnect(now());
  const bool expected = end.fault.kind == FaultKind::cancelled;
  const bool by_close_frame = !end.by_client && end.code != kAbnormal;
  if (!expected && !by_close_frame)
    report_connection_error(end.fault);
  AuditRecord closed("connection_closed");
  closed.number("code", end.code)
      .text("reason", scrubber_.shown(end.reason))
      .text("initiator", end.by_client ? "client" : "server");
  record(by_close_frame ? closed.text_if("hint", hint(end.fault)) : closed);
  const Fault fault = machine_.receiving() ? judge_end(end) : end.fault;
  feed(input::LinkDown{fault});
}

/// What the end says of the subscription; the fault that the machine is to decide by.
Fault Stream::judge_end(const LinkEnd& end) {
  SubscriptionJudge& judge = intake_->judge();
  const auto lived = end.when - opened_at_;
  const auto at_once = std::min<std::chrono::milliseconds>(kAtOnce, config_.reconnect.stable_after);
  switch (
      judge.ended({end.fault, end.reason, end.by_client, lived < at_once, intake_->position()})) {
    case SubscriptionJudge::Verdict::ordinary:
      break;
    case SubscriptionJudge::Verdict::refused: {
      Fault fault(Stage::subscribe, FaultKind::http_status, judge.refused_status(),
                  fmt::format("closed with code {} after the subscription: {}", end.code,
                              end.reason.empty() ? "no reason given" : end.reason));
      report_refusal(fault);
      return fault;
    }
    case SubscriptionJudge::Verdict::stale:
      on_stale_position("closed by the server or answered with old events");
      break;
    case SubscriptionJudge::Verdict::poison:
      intake_->lose_next("poison", now());
      feed(input::MovedOn{"poison"});
      break;
  }
  return end.fault;
}

void Stream::on_refusal_in_band() {
  const Refusal& refusal = intake_->refusal();
  const Fault fault(Stage::subscribe, FaultKind::http_status, refusal.status,
                    fmt::format("the server answered with {}: {}", refusal.status,
                                refusal.words.empty() ? "no reason given" : refusal.words));
  report_refusal(fault);
  if (intake_->judge().refused(refusal.status) == SubscriptionJudge::Verdict::stale)
    on_stale_position("refused");
  else
    feed(input::Refused{fault});
}

void Stream::on_stale_position(std::string_view what) {
  const auto position = intake_->position().value_or(kNoNumber);
  if (config_.integrity.on_stale_position == IntegrityConfig::OnStalePosition::restart_at_tip) {
    intake_->give_up_position("stale_position", now());
    feed(input::MovedOn{"stale_position"});
    return;
  }
  report_refusal(
      Fault(Stage::subscribe, FaultKind::protocol, 0,
            fmt::format("{} connections in a row that asked for what follows {} were {}: "
                        "integrity.on_stale_position says to stop here",
                        SubscriptionJudge::kStaleAfter, position, what)));
  feed(input::PositionRefused{});
}

void Stream::report_refusal(const Fault& fault) {
  record(AuditRecord("subscription_refused")
             .text("error", scrubber_.shown(fault.what))
             .text_if("hint", hint(fault)));
}

void Stream::report_connection_error(const Fault& fault) {
  record(AuditRecord("connection_error")
             .text("stage", gcstreamd::name(fault.stage))
             .text("error", scrubber_.shown(fault.what))
             .text_if("hint", hint(fault)));
}

void Stream::watch_liveness() {
  liveness_timer_.expires_at(liveness_->next_check());
  liveness_timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (!aborted)
      check_liveness();
  });
}

void Stream::check_liveness() {
  if (!link_)
    return;
  const SteadyTime checked = std::chrono::steady_clock::now();
  if (paused_) {  // the silence is ours
    link_->pong();
    liveness_->on_frame(checked);
  }
  switch (liveness_->check(checked)) {
    case Liveness::Verdict::ping:
      link_->ping();
      break;
    case Liveness::Verdict::dead: {
      const std::chrono::duration<double> silence = liveness_->silence(checked);
      record(AuditRecord("heartbeat_missed").real("silentS", silence.count()));
      link_->abort(Fault(Stage::stream, FaultKind::timeout, 0,
                         fmt::format("no frame for {:.1f} s", silence.count())));
      return;
    }
    case Liveness::Verdict::alive:
      break;
  }
  watch_liveness();
}

}  // namespace gcstreamd
