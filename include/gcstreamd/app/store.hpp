#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gcstreamd/app/position_keeper.hpp"
#include "gcstreamd/app/starting_point.hpp"
#include "gcstreamd/core/intake.hpp"
#include "gcstreamd/sinks/delivery.hpp"

namespace gcstreamd {

/// Told what concerns the stream as a whole.
class StoreObserver {
 public:
  virtual ~StoreObserver() = default;
  /// A required sink or the position cannot be written: nothing may be delivered until
  /// `on_store_up`.
  virtual void on_store_down() = 0;
  virtual void on_store_up() = 0;
  /// Every record that goes to the sinks, for the daemon's own log.
  virtual void on_record(const AuditRecord& record) = 0;
  /// Something became durable, or failed: `ready` may be another one.
  virtual void on_store_moved() = 0;
  /// After `close`: all is durable and saved, as far as it can be. May be called more than once.
  virtual void on_store_closed() = 0;
  virtual Now now() = 0;
};

/// What a stream keeps over a restart: its sinks and its position, saved so that after a crash at
/// any moment the two together tell where to go on. Used on the loop's thread.
///
/// A position that cannot be saved is like a required sink that cannot be written. Where an epoch
/// begins is saved before its first event is delivered.
class Store : private DeliveryObserver {
 public:
  /// `config` and the rest outlive it.
  Store(const SinkContext& context, const std::filesystem::path& state_dir,
        const StreamConfig& config, StoreObserver& observer);

  /// Opens sinks and position. Returns what is wrong with them, or "". `number_of`: see Delivery.
  std::string open(LineNumbers number_of = {});
  /// After `open`: knows the number that comes next, and what is held already.
  SequenceVerifier verifier();
  /// The intake that has this verifier. It outlives the store's use.
  void begin(Intake& intake);

  /// Whether messages may be taken now.
  bool ready() const;
  /// The intake holds an event that begins an epoch.
  void secure_epoch();
  /// About once a second.
  void tick();
  /// The configuration changed.
  void reconfigure(bool sinks, bool filter);

  /// Writes all and saves the position, then `on_store_closed`.
  void close();
  /// Whether nothing of it is left to the disk's threads.
  bool settled() const { return delivery_.settled() && position_.idle(); }
  /// Whether the position could not be saved, or what required sinks took is not durable.
  bool unsaved() const {
    return save_failed_ || !position_.idle() || !delivery_.required_settled();
  }

  Delivery& delivery() { return delivery_; }
  const Delivery& delivery() const { return delivery_; }
  /// Whether the last try to save the position succeeded, and how often one was the first to fail.
  bool position_saved() const { return !save_failed_; }
  std::uint64_t save_failures() const { return save_failures_; }

 private:
  void on_sinks_down() override;
  void on_sinks_up() override;
  void on_record(const AuditRecord& record) override { observer_.on_record(record); }
  void on_settled() override;
  void on_save_wanted() override;
  Now now() override { return observer_.now(); }

  void record(const AuditRecord& record) { delivery_.record(record, now()); }
  bool replayed() const { return config_.protocol == ProtocolKind::analytics_stream; }
  bool recover(PositionKeeper::Loaded loaded);
  void tell_of_recovery(PositionKeeper::Loaded loaded);
  void tell_of_move();
  void tell_down_or_up();
  std::uint64_t save();
  void answer_save(bool saved);
  void on_saved(boost::system::error_code error);
  void report_save(boost::system::error_code error);
  void go_on_with_epoch();
  void wind_down();

  const StreamConfig& config_;
  StoreObserver& observer_;
  Delivery delivery_;
  PositionKeeper position_;
  Intake* intake_ = nullptr;
  StartingPoint start_;
  SequenceNumber saved_number_ = kNoNumber;  ///< as it was loaded
  Place place_;                              ///< the newest that is known to be durable
  std::vector<std::string> filter_;          ///< that the numbers at `place_` count
  bool presumes_ = false;    ///< files held more than that, and nothing of its content or time
  bool to_tip_ = false;      ///< an operator's wish that no event has ended yet
  bool saved_once_ = false;  ///< there is a position that the files belong to
  bool save_failed_ = false;
  std::uint64_t save_failures_ = 0;
  std::optional<std::uint64_t> wanted_;      ///< the save that the delivery waits for
  std::optional<std::uint64_t> epoch_save_;  ///< and that the event which begins an epoch does
  bool sinks_down_ = false;
  bool closing_ = false;
};

}  // namespace gcstreamd
