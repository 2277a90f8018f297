#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gcstreamd/core/intake.hpp"
#include "gcstreamd/sinks/log_file.hpp"
#include "gcstreamd/sinks/sink.hpp"

namespace gcstreamd {

/// Told what concerns the stream as a whole.
class DeliveryObserver {
 public:
  virtual ~DeliveryObserver() = default;
  /// A required sink failed: nothing may be delivered until `on_sinks_up`.
  virtual void on_sinks_down() = 0;
  virtual void on_sinks_up() = 0;
  /// Every record that goes to the sinks, for the daemon's own log.
  virtual void on_record(const AuditRecord& record) = 0;
  /// More became durable, or a sink failed and will hold no more for now.
  virtual void on_settled() = 0;
  virtual Now now() = 0;
};

/// Hands a stream's events and records to its sinks, survives their faults, and knows the position:
/// the lowest place that every required sink holds durably. Used on the loop's thread.
class Delivery : public Outlet {
 public:
  Delivery(const SinkContext& context, const StreamConfig& config, DeliveryObserver& observer);
  ~Delivery() override;

  /// Opens all sinks. Returns what went wrong with a required one, or "".
  std::string open(Place place, const std::map<std::string, ChainHead>& heads);

  void deliver(const Event& event, const Now& now) override;
  void record(const AuditRecord& record, const Now& now) override;
  void pass_over(SequenceNumber number) override;
  void begin_epoch() override;

  /// Writes what is buffered. `flush_if_full` only where a buffer is large.
  void flush();
  void flush_if_full();
  /// Reports what was dropped; call about once a second.
  void on_tick();
  /// Before the end: tells what optional sinks will never get, writes the rest and starts to make
  /// it durable; `settled` tells when that is so, as far as failed sinks let it be.
  void close();
  bool settled() const;

  /// Empty while nothing of this epoch is durable.
  std::optional<Place> position() const;
  std::map<std::string, ChainHead> chain_heads() const;

 private:
  struct Slot;

  void fail(Slot& slot, const boost::system::error_code& error);
  void tell_of_failure(Slot& slot, const boost::system::error_code& error);
  static AuditRecord sink_failed(const Slot& slot, bool over);
  void retry_later(Slot& slot);
  void retry(Slot& slot);
  boost::system::error_code open(Slot& slot);
  void up(Slot& slot);
  void on_durable(Slot& slot);
  void report_repair(Slot& slot);
  void report(const AuditRecord& news) { record(news, observer_.now()); }
  void report_missed(Slot& slot, std::string_view cause);
  bool required_down() const;

  DeliveryObserver& observer_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::map<std::string, ChainHead> saved_heads_;
  Place delivered_;
  bool told_down_ = false;
};

}  // namespace gcstreamd
