#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gcstreamd/app/backfiller.hpp"
#include "gcstreamd/app/channel_group.hpp"
#include "gcstreamd/app/coverage_keeper.hpp"
#include "gcstreamd/app/memory_file.hpp"
#include "gcstreamd/app/record_log.hpp"
#include "gcstreamd/app/running_stream.hpp"
#include "gcstreamd/app/space_watch.hpp"
#include "gcstreamd/app/store.hpp"
#include "gcstreamd/app/token_desk.hpp"
#include "gcstreamd/app/topic_watch.hpp"
#include "gcstreamd/core/intake.hpp"
#include "gcstreamd/core/notifications.hpp"
#include "gcstreamd/core/topic_plan.hpp"

namespace gcstreamd {

/// A stream of the protocol `notifications`: its groups of topics with a ChannelGroup each, the one
/// sequence that their events make, and what is known of the time when nothing was heard. Used on
/// the loop's thread. What becomes of messages and coverage is in notifications_feed.cpp, what of
/// topics in notifications_topics.cpp.
class NotificationsStream : public RunningStream,
                            private StoreObserver,
                            private ChannelHost,
                            private BackfillHost {
 public:
  NotificationsStream(const StreamContext& context, const StreamConfig& config,
                      std::function<void(ExitCode)> on_end);
  ~NotificationsStream() override;

  std::string open() override;
  void start() override;
  void stop() override;
  void reconfigure(const StreamConfig& next, const ReloadPlan::Stream& change) override;
  void renew_credentials(bool secret_changed) override;
  void renew_sink_keys(const StreamConfig& next) override;
  void reopen_files() override { store_.delivery().reopen(); }

  void record(const AuditRecord& record) override { store_.delivery().record(record, now()); }
  void flush() override;
  void report_metrics() override;

  bool settled() const override;
  bool ending() const override { return ending_.has_value(); }
  bool ended() const override { return !on_end_; }
  const std::string& name() const override { return config_.name; }
  const StreamConfig& config() const override { return config_; }
  StreamGlance glance() const override;
  StreamStatus status(const Now& now) const override;

 private:
  /// What the org's directories held.
  struct Listing {
    TopicWatch::Entries queues;
    TopicWatch::Entries users;
  };
  static constexpr std::size_t kNoGroup = std::numeric_limits<std::size_t>::max();
  /// Up to this number everything came by then.
  struct Arrival {
    SequenceNumber number = kNoNumber;
    WallTime at{};
  };

  void on_store_down() override;
  void on_store_up() override;
  void on_record(const AuditRecord& record) override;
  void on_store_moved() override;
  void on_store_closed() override;
  Now now() override;

  const std::vector<std::string>& topics(std::size_t group) const override;
  void on_judged(std::span<const std::string> topics, const SubscriptionAnswer& answer) override;
  Heard hear(std::string_view message, const Now& arrived) override;
  void on_live(std::size_t group, ChannelNumber channel) override;
  void on_lost(std::size_t group, ChannelNumber channel, const std::string& cause,
               WallTime last_frame) override;
  void on_muted(std::size_t group) override;
  bool others_heard(std::size_t group) const override;
  void on_group_end(std::size_t group, ExitCode code) override;
  void note(const AuditRecord& record) override { this->record(record); }
  void on_reconnect(const std::string& cause) override { metrics_.reconnect(cause); }
  bool may_read() const override { return reading_; }
  void on_secret(std::string_view slot, const Secret& secret) override;
  std::string shown(std::string_view text) const override { return scrubber_.shown(text); }

  bool may_deliver() const override { return store_.ready() && !down_ && !ending_; }
  std::optional<SequenceNumber> deliver_recovered(const RecoveredRecord& record) override;
  bool is_durable(SequenceNumber number) const override;

  TokenDesk::Events token_events();
  CoverageKeeper::Events coverage_events();
  TopicWatch::Events topic_events();
  std::optional<SequenceNumber> number_of(std::string_view line);
  void feed_all(const ChannelInput& input);
  void regulate();
  void remember_arrival(const Now& arrived);
  void confirm();
  WallTime heard_up_to() const;
  void flush_if_full(std::size_t more);
  void arm_tick();

  void plan_topics();
  /// Returns the groups that it changed.
  std::vector<std::size_t> plan();
  void await_listed(const std::vector<std::size_t>& changed);
  void end_await(std::size_t group);
  std::vector<std::string> wanted_topics() const;
  std::vector<std::string> joined(const std::vector<std::string>& topics) const;
  void change_group(std::size_t group);
  void start_group(std::size_t group);
  void drop_group(std::size_t group);
  void tell_left_out(std::size_t count);
  void on_listing_fault(const Fault& fault);
  bool heard() const { return channels_live() > 0; }
  std::size_t channels_live() const;
  NotificationsStatus notifications(const Now& now) const;
  StreamState state() const;
  unsigned attempts() const;
  std::optional<SteadyTime> next_attempt() const;
  std::string trouble() const;
  void note_state();

  void end(ExitCode code);
  void wind_down_if_stopped();
  void close_store_if_saved();
  void complete_soon();
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
  LocalNumbers numbers_;
  Notifications protocol_;
  Store store_;
  MemoryFile memory_file_;
  MemoryFile recovered_file_;
  SpaceWatch space_;
  std::optional<Intake> intake_;
  TlsContexts tls_;
  ApiTools tools_;
  TokenDesk desk_;
  CoverageKeeper keeper_;
  Backfiller backfiller_;
  TopicWatch watch_;
  TopicGroups groups_;
  std::map<std::size_t, std::unique_ptr<ChannelGroup>> shells_;  ///< by group
  std::map<std::size_t, std::set<ChannelNumber>> live_;          ///< likewise
  RejectedTopics rejected_;
  std::set<std::string> split_;  ///< combined topics that were rejected as a whole
  Listing listing_;
  Listing listing_before_;
  bool listed_ = false;
  bool expects_listing_ = false;   ///< it was planned without one, which the rules need
  WallTime unlisted_from_{};       ///< since then
  std::set<std::size_t> awaited_;  ///< groups that the first listing changed, not live since
  std::size_t left_out_ = 0;
  unsigned refusals_ = 0;  ///< of the credentials, in a row, before anything was planned
  bool planned_ = false;
  std::deque<Arrival> arrivals_;  ///< not yet durable
  std::size_t unflushed_ = 0;     ///< bytes of messages since the last flush
  bool down_ = false;
  bool reading_ = false;  ///< links are read: as the store was ready when it was last looked at
  boost::asio::steady_timer tick_timer_;
  boost::asio::steady_timer end_timer_;
  SteadyTime end_by_{};
  std::optional<ExitCode> stopping_;
  std::optional<ExitCode> ending_;
  bool closing_store_ = false;
  bool store_closed_ = false;
  StreamState shown_ = StreamState::idle;
  WallTime shown_since_{};  ///< to a second
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gcstreamd
