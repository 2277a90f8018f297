#include "gcstreamd/app/stream.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <random>

#include "gcstreamd/core/text.hpp"
#include "record_log.hpp"

namespace gcstreamd {
namespace {

constexpr std::chrono::milliseconds kCloseLimit{2000};
constexpr std::chrono::seconds kTick{1};

std::filesystem::path position_path(const StreamContext& context, const StreamConfig& config) {
  return context.state_dir / (config.name + ".position");
}

/// Where the token travels in the query, it is the query's last parameter.
Secret query_target(const std::string& target, const Secret& token) {
  const std::string_view separator = target.find('?') == std::string::npos ? "?" : "&";
  std::string encoded = percent_encode(token.reveal());
  Secret result = concat({target, separator, "access_token=", encoded});
  wipe(encoded);
  return result;
}

}  // namespace

Stream::Stream(const StreamContext& context, const StreamConfig& config,
               std::function<void(ExitCode)> on_end)
    : context_(context),
      config_(config),
      on_end_(std::move(on_end)),
      log_(context.log),
      metrics_(std::chrono::steady_clock::now()),
      protocol_(config.event_types, config.buffer_size),
      machine_(config.reconnect, std::random_device{}()),
      delivery_(context.sinks, config_, *this),
      position_(context.sinks.pool, position_path(context, config)),
      tokens_(context.loop, config_, token_events()),
      wait_timer_(context.loop),
      liveness_timer_(context.loop),
      tick_timer_(context.loop) {}

Stream::~Stream() = default;

TokenEvents Stream::token_events() {
  TokenEvents events;
  events.on_ready = [this] { feed(input::TokenReady{}); };
  events.on_failed = [this](const Fault& fault) { feed(input::TokenFailed{fault}); };
  events.on_news = [this](const AuditRecord& news) { record(news); };
  events.on_secret = [this](std::string_view slot, const Secret& secret) {
    scrubber_.know(slot, secret);
  };
  return events;
}

Now Stream::now() {
  return {std::chrono::steady_clock::now(),
          std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now())};
}

std::string Stream::open() {
  SavedPosition saved;
  const auto loaded = position_.load(config_.oauth.client_id, config_.endpoints.stream_url, saved);
  if (loaded == PositionKeeper::Loaded::unreadable)
    return fmt::format("{}: it cannot be read", position_.file().string());
  const bool usable = loaded == PositionKeeper::Loaded::found && saved.place.number != kNoNumber;
  place_ = saved.place;
  if (!usable)
    place_ = Place{saved.place.epoch + 1, config_.start_at.value_or(kNoNumber)};
  std::string fault = delivery_.open(place_, saved.heads);
  if (!fault.empty())
    return fault;
  if (loaded == PositionKeeper::Loaded::foreign)
    move_position(saved, "other_org_or_endpoint");
  if (loaded == PositionKeeper::Loaded::damaged)
    move_position(saved, "saved_position_damaged");
  SequenceVerifier verifier(config_.start_at);
  if (usable)
    verifier = SequenceVerifier(place_.number, saved.timestamp);
  intake_.emplace(protocol_, metrics_, delivery_, GapPolicy(config_.integrity), std::move(verifier),
                  [this](std::string_view text) { return scrubber_.scrub(text); });
  return {};
}

void Stream::move_position(const SavedPosition& saved, std::string_view cause) {
  AuditRecord moved("position_moved");
  if (config_.start_at)
    moved.number("sequenceNumber", *config_.start_at);
  else
    moved.null("sequenceNumber");
  record(moved.number("from", saved.place.number).text("cause", cause));
}

void Stream::start() {
  arm_tick();
  feed(input::Start{});
}

void Stream::stop() {
  end_by_ = std::chrono::steady_clock::now() + context_.shutdown_timeout;
  feed(input::Stop{});
}

void Stream::feed(const StreamInput& input) {
  if (ending_)
    return;
  for (const StreamAction& action : machine_.on(input, std::chrono::steady_clock::now()))
    std::visit([this](const auto& one) { perform(one); }, action);
}

void Stream::perform(const action::Authorize&) {
  tokens_.want();
}

void Stream::perform(const action::DiscardToken&) {
  tokens_.discard();
}

void Stream::perform(const action::Dial&) {
  auto context = make_tls_context(config_.tls);
  if (!context) {
    on_refused(context.error());
    return;
  }
  LinkObserver& observer = *this;
  link_ = std::make_unique<WebSocketClient>(
      context_.loop, ConnectionOptions(std::move(*context), config_.connect_timeout),
      config_.max_frame_bytes, observer);
  link_->open(target());
}

WebSocketTarget Stream::target() const {
  WebSocketTarget target;
  target.url = parse_url(config_.endpoints.stream_url).value_or(Url{});
  if (config_.token_in == StreamConfig::TokenIn::query) {
    target.request_target = query_target(target.url.target, tokens_.token());
  } else {
    target.request_target = Secret(target.url.target);
    target.authorization = concat({"Bearer ", tokens_.token().reveal()});
  }
  return target;
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
  link_->send_text(protocol_.subscription(id, position));
  record(sent);
}

void Stream::perform(const action::Close& close) {
  const auto limit =
      std::min<std::chrono::milliseconds>(kCloseLimit, context_.shutdown_timeout / 2);
  link_->close(close.code, close.reason, limit);
}

void Stream::perform(const action::Wait& wait) {
  wait_timer_.expires_after(wait.delay);
  wait_timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (!aborted)
      feed(input::TimerFired{});
  });
}

void Stream::perform(const action::Cancel&) {
  wait_timer_.cancel();
  tokens_.cancel();
  liveness_timer_.cancel();
  link_.reset();
}

void Stream::perform(const action::Note& note) {
  if (note.record.type() == "scheduling_reconnect")
    metrics_.reconnect();
  record(note.record);
}

void Stream::on_open() {
  const Now opened = now();
  metrics_.connected(opened.steady);
  progressed_ = false;
  static_cast<void>(intake_->take_progress());  // of the connection before
  liveness_.emplace(config_.idle_timeout, opened.steady);
  watch_liveness();
  const auto url = parse_url(config_.endpoints.stream_url);
  record(AuditRecord("connection_open").text("host", url ? url->host : std::string()));
  feed(input::LinkUp{});
}

void Stream::on_message(std::string_view message) {
  const Now arrived = now();
  liveness_->on_frame(arrived.steady);
  if (!machine_.receiving())
    return;
  const auto next = intake_->on_message(message, arrived);
  if (!progressed_ && intake_->take_progress()) {
    progressed_ = true;
    feed(input::Progress{});
  }
  if (next == Intake::Next::resume)
    feed(input::ResumeWanted{});
  delivery_.flush_if_full();
}

void Stream::on_control() {
  liveness_->on_frame(std::chrono::steady_clock::now());
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
      .text("reason", scrubber_.scrub(end.reason))
      .text("initiator", end.by_client ? "client" : "server");
  record(by_close_frame ? closed.text_if("hint", hint(end.fault)) : closed);
  feed(input::LinkDown{end.fault});
}

void Stream::report_connection_error(const Fault& fault) {
  record(AuditRecord("connection_error")
             .text("stage", gcstreamd::name(fault.stage))
             .text("error", scrubber_.scrub(fault.what))
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

void Stream::on_record(const AuditRecord& record) {
  const auto level = log_level(record);
  if (log_->should_log(level) && record.type() != "metrics")
    log_->log(level, "{}: {}", config_.name, log_line(record));
}

void Stream::report_metrics() {
  const auto report = metrics_.report(std::chrono::steady_clock::now());
  record(to_record(report));
  log_->info("{}: {}", config_.name, to_line(report));
}

void Stream::arm_tick() {
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (aborted || ending_)
      return;
    intake_->on_tick(now());
    delivery_.on_tick();
    save_position();
    arm_tick();
  });
}

void Stream::save_position() {
  if (const auto durable = delivery_.position())
    place_ = *durable;
  const SavedPosition position{config_.oauth.client_id, config_.endpoints.stream_url, place_,
                               intake_->last_timestamp(), delivery_.chain_heads()};
  position_.save(position, [this](boost::system::error_code error) { on_saved(error); });
}

void Stream::on_saved(boost::system::error_code error) {
  if (error && !save_failed_)
    log_->error(
        "{}: the position cannot be saved to {}: {}; free space or mend the path: it is tried "
        "again every second",
        config_.name, position_.file().string(), describe_errno(error.value()));
  save_failed_ = error.failed();
  if (!ending_)
    return;
  if (!error)
    wind_down();
  else if (delivery_.settled())  // else it is tried once more when the sinks are
    complete();
}

/// The first place of an epoch is saved at once: until then a crash would start at the tip again.
void Stream::on_settled() {
  if (!intake_)
    return;  // still being opened
  if (ending_) {
    wind_down();
    return;
  }
  const auto durable = delivery_.position();
  if (durable && (place_.number == kNoNumber || place_.epoch != durable->epoch))
    save_position();
}

void Stream::perform(const action::End& end) {
  ending_ = end.code;
  tokens_.stop();
  tick_timer_.cancel();
  intake_->on_disconnect(now());
  if (end_by_ == SteadyTime{})
    end_by_ = std::chrono::steady_clock::now() + context_.shutdown_timeout;
  wait_timer_.expires_at(end_by_);
  wait_timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (!aborted)
      complete();
  });
  delivery_.close();
  wind_down();
}

/// Sinks first, then the position that they made true, then the end.
void Stream::wind_down() {
  save_position();
  if (delivery_.settled() && position_.idle() && on_end_)
    boost::asio::post(context_.loop, [this] { complete(); });
}

void Stream::complete() {
  wait_timer_.cancel();
  if (save_failed_ && *ending_ == ExitCode::clean)
    ending_ = ExitCode::not_saved;
  if (auto on_end = std::exchange(on_end_, nullptr))
    on_end(*ending_);
}

}  // namespace gcstreamd
