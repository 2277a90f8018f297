#include "gcstreamd/app/notifications_stream.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "gcstreamd/app/log.hpp"
#include "gcstreamd/app/starting_point.hpp"
#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/time_format.hpp"
#include "gcstreamd/net/clocks.hpp"

namespace gcstreamd {
namespace {

constexpr std::chrono::seconds kTick{1};

CoverageOptions coverage_options(const StreamConfig& config) {
  CoverageOptions options;
  options.asks = config.notifications.backfill.delays;
  options.give_up_after = config.notifications.backfill.give_up_after;
  return options;
}

}  // namespace

NotificationsStream::NotificationsStream(const StreamContext& context, const StreamConfig& config,
                                         std::function<void(ExitCode)> on_end)
    : context_(context),
      config_(config),
      on_end_(std::move(on_end)),
      log_(context.log),
      record_log_(context.log, config_),
      metrics_(std::chrono::steady_clock::now()),
      protocol_(numbers_),
      store_(context.sinks, context.state_dir, config_, *this),
      memory_file_(context.sinks, context.state_dir / (config.name + ".events"), numbers_.memory()),
      recovered_file_(context.sinks, context.state_dir / (config.name + ".recovered"),
                      numbers_.recovered()),
      space_(context.sinks, context.log, config.name),
      tools_{context.loop, config_, tls_, context.budgets.of(config.oauth.client_id)},
      desk_(context.loop, config_, tls_, token_events()),
      keeper_(context.sinks, context.state_dir / (config.name + ".coverage"),
              coverage_options(config), config.oauth.client_id + ' ' + endpoint_of(config),
              coverage_events()),
      backfiller_(*this, tools_, desk_, keeper_),
      watch_(tools_, desk_, topic_events()),
      tick_timer_(context.loop),
      end_timer_(context.loop) {
  teach(scrubber_, config_.proxy);
}

NotificationsStream::~NotificationsStream() {
  *alive_ = false;
}

TokenDesk::Events NotificationsStream::token_events() {
  return {[this](const AuditRecord& news) { note(news); },
          [this](std::string_view slot, const Secret& secret) { on_secret(slot, secret); }};
}

CoverageKeeper::Events NotificationsStream::coverage_events() {
  return {[this](const AuditRecord& record) {
            metrics_.coverage(record.type());
            note(record);
          },
          [this] {
            if (store_closed_)
              complete_soon();
            else
              close_store_if_saved();
          }};
}

Now NotificationsStream::now() {
  return read_clocks();
}

std::string NotificationsStream::open() {
  memory_file_.load();
  recovered_file_.load();
  std::string fault = store_.open([this](std::string_view line) { return number_of(line); });
  if (!fault.empty())
    return fault;
  numbers_.go_on_after(store_.delivery().delivered().number);
  for (MemoryFile* file : {&memory_file_, &recovered_file_})
    if (const auto error = file->begin())
      return fmt::format("{}: what was delivered cannot be kept: {}", context_.state_dir.string(),
                         describe_errno(error.value()));
  intake_.emplace(protocol_, metrics_, store_.delivery(), GapPolicy(config_.integrity),
                  store_.verifier(),
                  [this](std::string_view text) { return scrubber_.scrub(text); });
  store_.begin(*intake_);
  keeper_.load(now().wall);
  return {};
}

void NotificationsStream::start() {
  arm_tick();
  plan_topics();
}

void NotificationsStream::stop() {
  end_by_ = std::chrono::steady_clock::now() + context_.shutdown_timeout;
  end(ExitCode::clean);
}

void NotificationsStream::reconfigure(const StreamConfig& next, const ReloadPlan::Stream& change) {
  config_ = next;
  desk_.source().configure();
  keeper_.configure(coverage_options(config_));
  store_.reconfigure(change.sinks, /*filter=*/false);
  if (change.new_token)
    desk_.source().start_over();
  for (auto& [index, shell] : shells_)
    shell->configure();
  const bool reconnect = change.kind == ReloadPlan::Kind::reconnect;
  for (auto& [index, shell] : shells_)
    if (reconnect || (change.retry && shell->state() == ChannelState::waiting))
      shell->feed(input::Replace{"reload", /*retry=*/true});
  if (!stopping_)
    plan_topics();
}

void NotificationsStream::renew_credentials(bool secret_changed) {
  bool waits = false;
  for (auto& [index, shell] : shells_)
    waits = waits || shell->state() == ChannelState::waiting ||
            shell->state() == ChannelState::authorizing;
  if (secret_changed && waits)
    desk_.source().start_over();
  for (auto& [index, shell] : shells_)
    if (shell->state() == ChannelState::waiting)
      shell->feed(input::Replace{"reload", /*retry=*/true});
  if (secret_changed)
    desk_.source().renew();
}

void NotificationsStream::renew_sink_keys(const StreamConfig& next) {
  config_.sinks = next.sinks;
  store_.delivery().renew_keys(config_);
}

void NotificationsStream::feed_all(const ChannelInput& input) {
  for (auto& [index, shell] : shells_)
    shell->feed(input);
}

void NotificationsStream::arm_tick() {
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (aborted || ending_)
      return;
    intake_->on_tick(now());
    trend_.on_tick(metrics_.event_types().total(), metrics_.latency(), now());
    note_state();
    record_log_.tick(now().steady);
    memory_file_.tick();
    recovered_file_.tick();
    store_.tick();
    space_.tick(config_);
    regulate();
    confirm();
    keeper_.tick();
    if (!stopping_)
      backfiller_.go_on();
    arm_tick();
  });
}

void NotificationsStream::flush() {
  unflushed_ = 0;
  memory_file_.append();
  recovered_file_.append();
  store_.delivery().flush();
}

void NotificationsStream::on_record(const AuditRecord& record) {
  incidents_.on(record, now().wall);
  record_log_.on(record, std::chrono::steady_clock::now());
}

void NotificationsStream::on_secret(std::string_view slot, const Secret& secret) {
  scrubber_.know(slot, secret);
}

void NotificationsStream::report_metrics() {
  const auto report = metrics_.report(std::chrono::steady_clock::now());
  const auto used = tools_.budget.used(std::chrono::steady_clock::now());
  AuditRecord told = to_record(report);
  told.number("localSequence", numbers_.last())
      .number("topicsRejected", rejected_.all().size())
      .number("gapsToFill", keeper_.coverage().gaps().size())
      .number("requestsUsed", used);
  if (const auto from = keeper_.coverage().open_from())
    told.text("unheardFrom", format_time(*from));
  record(told);
  log_->log(about(config_.name, "metrics"), spdlog::level::info, "{}: {}", config_.name,
            to_line(report));
}

bool NotificationsStream::settled() const {
  return store_.settled() && space_.idle() && memory_file_.idle() && recovered_file_.idle() &&
         keeper_.idle();
}

/// All groups stop; then the stream ends with this code.
void NotificationsStream::end(ExitCode code) {
  if (stopping_ || ending_)
    return;
  stopping_ = code;
  watch_.stop();
  backfiller_.stop();
  feed_all(input::Stop{});
  wind_down_if_stopped();
}

void NotificationsStream::wind_down_if_stopped() {
  for (const auto& [index, shell] : shells_)
    if (shell->state() != ChannelState::ended)
      return;
  if (ending_)
    return;
  ending_ = stopping_;
  desk_.source().stop();
  tick_timer_.cancel();
  record_log_.finish();
  intake_->on_disconnect(now());
  confirm();
  if (end_by_ == SteadyTime{})
    end_by_ = std::chrono::steady_clock::now() + context_.shutdown_timeout;
  end_timer_.expires_at(end_by_);
  end_timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (!aborted)
      complete();
  });
  keeper_.changed();
}

/// What coverage tells goes to the sinks before they close.
void NotificationsStream::close_store_if_saved() {
  if (!ending_ || closing_store_ || !keeper_.idle())
    return;
  closing_store_ = true;
  memory_file_.append();
  recovered_file_.append();
  store_.close();
}

/// By now the sinks have all records: none needs to be told again.
void NotificationsStream::on_store_closed() {
  store_closed_ = true;
  if (!keeper_.forget_all_told())
    complete_soon();
}

void NotificationsStream::complete_soon() {
  if (on_end_)
    boost::asio::post(context_.loop, [this, alive = alive_] {
      if (*alive && on_end_)
        complete();
    });
}

void NotificationsStream::complete() {
  end_timer_.cancel();
  if ((store_.unsaved() || keeper_.failed()) && *ending_ == ExitCode::clean)
    ending_ = ExitCode::not_saved;
  if (auto on_end = std::exchange(on_end_, nullptr))
    on_end(*ending_);
}

}  // namespace gcstreamd
