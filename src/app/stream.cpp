#include "gcstreamd/app/stream.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <random>

#include "gcstreamd/app/log.hpp"
#include "gcstreamd/app/stream_status.hpp"
#include "gcstreamd/core/text.hpp"
#include "gcstreamd/net/clocks.hpp"

namespace gcstreamd {
namespace {

constexpr std::chrono::seconds kTick{1};

}  // namespace

Stream::Stream(const StreamContext& context, const StreamConfig& config,
               std::function<void(ExitCode)> on_end)
    : context_(context),
      config_(config),
      on_end_(std::move(on_end)),
      log_(context.log),
      record_log_(context.log, config_),
      metrics_(std::chrono::steady_clock::now()),
      protocol_(config.event_types, config.buffer_size),
      machine_(config.reconnect, std::random_device{}()),
      store_(context.sinks, context.state_dir, config_, *this),
      space_(context.sinks, context.log, config.name),
      tokens_(context.loop, config_, tls_, token_events()),
      wait_timer_(context.loop),
      liveness_timer_(context.loop),
      tick_timer_(context.loop) {
  metrics_.expect(config_.event_types);
  state_since_ = now().wall;
}

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
  return read_clocks();
}

std::string Stream::open() {
  std::string fault = store_.open();
  if (!fault.empty())
    return fault;
  intake_.emplace(protocol_, metrics_, store_.delivery(), GapPolicy(config_.integrity),
                  store_.verifier(),
                  [this](std::string_view text) { return scrubber_.scrub(text); });
  intake_->show_previews(!redacts(config_));
  store_.begin(*intake_);
  return {};
}

void Stream::start() {
  arm_tick();
  feed(input::Start{});
}

void Stream::stop() {
  end_by_ = std::chrono::steady_clock::now() + context_.shutdown_timeout;
  feed(input::Stop{});
}

void Stream::reconfigure(const StreamConfig& next, const ReloadPlan::Stream& change) {
  config_ = next;
  machine_.configure(config_.reconnect);
  intake_->configure(config_.integrity);
  intake_->show_previews(!redacts(config_));
  protocol_.configure(config_.event_types, config_.buffer_size);
  metrics_.expect(config_.event_types);
  tokens_.configure();
  if (liveness_)
    liveness_->configure(config_.idle_timeout);
  if (machine_.receiving())
    watch_liveness();
  store_.reconfigure(change.sinks, change.new_filter);
  if (change.new_token)
    tokens_.start_over();
  feed(input::Reconfigured{change.kind == ReloadPlan::Kind::reconnect, change.retry});
}

void Stream::renew_credentials(bool secret_changed) {
  const auto state = machine_.state();
  if (secret_changed && (state == StreamState::waiting || state == StreamState::authorizing))
    tokens_.start_over();
  constexpr bool kReconnect = false;
  constexpr bool kRetry = true;
  feed(input::Reconfigured{kReconnect, kRetry});
  if (secret_changed)
    tokens_.renew();
}

void Stream::renew_sink_keys(const StreamConfig& next) {
  config_.sinks = next.sinks;
  store_.delivery().renew_keys(config_);
}

void Stream::feed(const StreamInput& input) {
  if (ending_)
    return;
  const StreamState before = machine_.state();
  const auto actions = machine_.on(input, std::chrono::steady_clock::now());
  if (machine_.state() != before)
    state_since_ = now().wall;
  for (const StreamAction& action : actions)
    std::visit([this](const auto& one) { perform(one); }, action);
}

void Stream::perform(const action::Authorize&) {
  tokens_.want();
}

void Stream::perform(const action::DiscardToken&) {
  tokens_.discard();
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
  if (!note.reconnect_cause.empty())
    metrics_.reconnect(note.reconnect_cause);
  record(note.record);
}

void Stream::on_record(const AuditRecord& record) {
  incidents_.on(record, now().wall);
  record_log_.on(record, std::chrono::steady_clock::now());
}

void Stream::report_metrics() {
  const auto report = metrics_.report(std::chrono::steady_clock::now());
  record(to_record(report));
  log_->log(about(config_.name, "metrics"), spdlog::level::info, "{}: {}", config_.name,
            to_line(report));
}

StreamGlance Stream::glance() const {
  return {config_.name, machine_.state(), metrics_.messages(), intake_->position(),
          metrics_.events_lost()};
}

StreamStatus Stream::status(const Now& now) const {
  StreamStatus status = begin_status(config_, store_, space_);
  status.state = machine_.state();
  status.since = state_since_;
  status.attempts = machine_.attempts();
  if (status.state == StreamState::waiting)
    status.next_attempt = wall_of(wait_timer_.expiry(), now);
  status.connected_since = wall_of(metrics_.connected_at(), now);
  status.last = intake_->position();
  if (!ended())
    status.token_expires = wall_of(tokens_.expires_at(), now);
  status.metrics = metrics_;
  status.trend = trend_;
  status.incidents = incidents_;
  return status;
}

void Stream::arm_tick() {
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (aborted || ending_)
      return;
    intake_->on_tick(now());
    trend_.on_tick(metrics_.event_types().total(), metrics_.latency(), now());
    record_log_.tick(now().steady);
    store_.tick();
    space_.tick(config_);
    regulate();
    arm_tick();
  });
}

void Stream::on_store_moved() {
  note_progress();
  regulate();
}

void Stream::on_store_closed() {
  if (on_end_)
    boost::asio::post(context_.loop, [this] { complete(); });
}

void Stream::perform(const action::End& end) {
  ending_ = end.code;
  tokens_.stop();
  tick_timer_.cancel();
  intake_->on_disconnect(now());
  record_log_.finish();
  if (end_by_ == SteadyTime{})
    end_by_ = std::chrono::steady_clock::now() + context_.shutdown_timeout;
  wait_timer_.expires_at(end_by_);
  wait_timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (!aborted)
      complete();
  });
  store_.close();
}

void Stream::complete() {
  wait_timer_.cancel();
  if (store_.unsaved() && *ending_ == ExitCode::clean)
    ending_ = ExitCode::not_saved;
  if (auto on_end = std::exchange(on_end_, nullptr))
    on_end(*ending_);
}

}  // namespace gcstreamd
