#pragma once

#include <spdlog/logger.h>

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gcstreamd/app/record_log.hpp"
#include "gcstreamd/app/running_stream.hpp"
#include "gcstreamd/app/space_watch.hpp"
#include "gcstreamd/app/store.hpp"
#include "gcstreamd/app/token_source.hpp"
#include "gcstreamd/core/analytics_stream.hpp"
#include "gcstreamd/core/daemon_status.hpp"
#include "gcstreamd/core/intake.hpp"
#include "gcstreamd/core/liveness.hpp"
#include "gcstreamd/core/reload_plan.hpp"
#include "gcstreamd/core/service_notice.hpp"
#include "gcstreamd/core/stream_machine.hpp"
#include "gcstreamd/net/websocket_client.hpp"
#include "gcstreamd/sinks/delivery.hpp"

namespace gcstreamd {

/// A stream of the protocol `analytics-stream`: performs what its StreamMachine decides and feeds
/// back what happened. Owns its connection, sinks, position and timers; used on the loop's thread.
/// What concerns the connection is in stream_link.cpp.
class Stream : public RunningStream, private LinkObserver, private StoreObserver {
 public:
  /// `on_end` is called once, from the loop, and must not destroy the stream.
  Stream(const StreamContext& context, const StreamConfig& config,
         std::function<void(ExitCode)> on_end);
  ~Stream() override;

  std::string open() override;
  void start() override;
  void stop() override;
  void reconfigure(const StreamConfig& next, const ReloadPlan::Stream& change) override;
  void renew_credentials(bool secret_changed) override;
  void renew_sink_keys(const StreamConfig& next) override;
  void reopen_files() override { store_.delivery().reopen(); }

  void record(const AuditRecord& record) override { store_.delivery().record(record, now()); }
  void flush() override { store_.delivery().flush(); }
  void report_metrics() override;

  bool settled() const override { return store_.settled() && space_.idle(); }
  bool ending() const override { return ending_.has_value(); }
  bool ended() const override { return !on_end_; }
  const std::string& name() const override { return config_.name; }
  const StreamConfig& config() const override { return config_; }
  StreamGlance glance() const override;
  StreamStatus status(const Now& now) const override;

 private:
  void on_open() override;
  void on_arrival() override;
  void on_message(std::string_view message) override;
  void on_control() override;
  void on_refused(const Fault& fault) override;
  void on_closed(const LinkEnd& end) override;

  void on_store_down() override { feed(input::SinkDown{}); }
  void on_store_up() override { feed(input::SinkUp{}); }
  void on_record(const AuditRecord& record) override;
  void on_store_moved() override;
  void on_store_closed() override;
  Now now() override;

  void feed(const StreamInput& input);
  void perform(const action::Authorize&);
  void perform(const action::DiscardToken&);
  void perform(const action::Dial&);
  void perform(const action::Subscribe&);
  void perform(const action::Close& close);
  void perform(const action::Wait& wait);
  void perform(const action::Cancel&);
  void perform(const action::Note& note);
  void perform(const action::End& end);

  TokenEvents token_events();
  /// Lets messages in, or keeps them with the server.
  void regulate();
  void note_progress();
  void report_connection_error(const Fault& fault);
  void report_refusal(const Fault& fault);
  void on_refusal_in_band();
  Fault judge_end(const LinkEnd& end);
  void on_stale_position(std::string_view what);
  void watch_liveness();
  void check_liveness();
  void arm_tick();
  void complete();

  const StreamContext& context_;
  StreamConfig config_;
  std::function<void(ExitCode)> on_end_;
  std::shared_ptr<spdlog::logger> log_;
  RecordLog record_log_;
  Scrubber scrubber_;
  Metrics metrics_;
  Trend trend_;
  Incidents incidents_;
  AnalyticsStream protocol_;
  StreamMachine machine_;
  Store store_;
  SpaceWatch space_;
  std::optional<Intake> intake_;
  TlsContexts tls_;
  TokenSource tokens_;
  std::unique_ptr<WebSocketClient> link_;
  std::optional<Liveness> liveness_;
  boost::asio::steady_timer wait_timer_;
  boost::asio::steady_timer liveness_timer_;
  boost::asio::steady_timer tick_timer_;
  WallTime state_since_{};
  SteadyTime opened_at_{};   ///< this connection
  Now arrived_{};            ///< when what is in hand was read
  bool progressed_ = false;  ///< this connection delivered an event
  bool paused_ = false;      ///< the connection is not read
  SteadyTime end_by_{};      ///< by when a stop must be over
  std::optional<ExitCode> ending_;
};

}  // namespace gcstreamd
