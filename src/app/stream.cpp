#include "gcstreamd/app/stream.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <random>

#include "gcstreamd/core/text.hpp"
#include "record_log.hpp"

namespace gcstreamd {
namespace {

constexpr std::chrono::seconds kTick{1};
constexpr std::string_view kFilterChanged = "event_types_changed";

std::filesystem::path position_path(const StreamContext& context, const StreamConfig& config) {
  return context.state_dir / (config.name + ".position");
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
      tokens_(context.loop, config_, tls_, token_events()),
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
  const StartingPoint start = starting_point(loaded, saved, config_);
  place_ = start.place;
  filter_ = start.other_filter ? saved.filter : filter_of(config_);
  std::string fault = delivery_.open(place_, saved.heads);
  if (!fault.empty())
    return fault;
  tell_of_move(start, saved.place.number);
  start_intake(start);
  return {};
}

void Stream::start_intake(const StartingPoint& start) {
  intake_.emplace(protocol_, metrics_, delivery_, GapPolicy(config_.integrity),
                  SequenceVerifier(start.resume_after, start.timestamp),
                  [this](std::string_view text) { return scrubber_.scrub(text); });
  if (start.other_filter)
    intake_->expect_reset(kFilterChanged);
}

void Stream::tell_of_move(const StartingPoint& start, SequenceNumber from) {
  if (start.moved_cause.empty())
    return;
  AuditRecord moved("position_moved");
  if (start.resume_after)
    moved.number("sequenceNumber", *start.resume_after);
  else
    moved.null("sequenceNumber");
  record(moved.number("from", from).text("cause", start.moved_cause));
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
  protocol_.configure(config_.event_types, config_.buffer_size);
  tokens_.configure();
  if (liveness_)
    liveness_->configure(config_.idle_timeout);
  if (change.sinks)
    delivery_.reconfigure(config_);
  if (change.new_token)
    tokens_.discard();
  if (change.new_filter)
    intake_->expect_reset(kFilterChanged);
  feed(input::Reconfigured{change.kind == ReloadPlan::Kind::reconnect});
}

void Stream::renew_credentials(bool secret_changed) {
  if (secret_changed)
    tokens_.renew();
  feed(input::Reconfigured{});
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
  if (!intake_->expects_reset())
    filter_ = filter_of(config_);
  SavedPosition position;
  position.org = config_.oauth.client_id;
  position.endpoint = config_.endpoints.stream_url;
  position.place = place_;
  position.timestamp = intake_->last_timestamp();
  position.filter = filter_;
  position.heads = delivery_.chain_heads();
  position_.save(position, [this](boost::system::error_code error) { on_saved(error); });
}

void Stream::on_saved(boost::system::error_code error) {
  if (error && !save_failed_)
    log_->error(
        "{}: the position cannot be saved to {}: {}; free space or mend the path: it is tried "
        "again every second",
        config_.name, position_.file().string(), describe_errno(error.value()));
  save_failed_ = error.failed();
  answer_save(!error);
  if (!ending_)
    return;
  if (!error)
    wind_down();
  else if (delivery_.settled())  // else it is tried once more when the sinks are
    complete();
}

/// Files that were moved away are synced: what they hold must be known before others are opened.
void Stream::on_save_wanted() {
  save_wanted_ = true;
  save_position();
  answer_save(true);  // where nothing had to be saved
}

void Stream::answer_save(bool saved) {
  if (position_.idle() && std::exchange(save_wanted_, false))
    delivery_.saved(saved);
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
