#pragma once

#include "gcstreamd/core/rotation.hpp"
#include "gcstreamd/sinks/log_file.hpp"
#include "gcstreamd/sinks/sink.hpp"

namespace gcstreamd {

/// What file and audit sinks share: a file of lines and how far it goes.
class LineSink : public Sink {
 public:
  LineSink(const SinkContext& context, const SinkConfig& config, Callbacks callbacks)
      : context_(context),
        config_(config),
        log_(context, config, {std::move(callbacks.on_durable), std::move(callbacks.on_fault)}) {}

  boost::system::error_code open(const SinkStart& start) override;
  boost::system::error_code recover(const std::string& time) override;
  void configure(const SinkConfig& config, bool shared) override;
  bool moved() const override { return log_.moved(); }
  boost::system::error_code leave() override { return log_.leave(); }
  bool left() const override { return log_.left(); }
  boost::system::error_code enter(const std::string& time) override;
  bool unsaved() const override { return log_.kept() != LogFile::Kept::yes; }
  bool awaits_save() const override { return log_.kept() == LogFile::Kept::after_save; }
  void hold_back() override { log_.hold_back(); }
  boost::system::error_code go_on() override { return log_.go_on(); }
  bool rotation_due(SteadyTime now) override;
  boost::system::result<std::string> rotate(const Now& now) override;
  void move_to(Place place) override;
  boost::system::error_code flush() override { return log_.flush(); }
  void sync() override { log_.sync(); }
  Place reached() const override { return log_.buffered().place; }
  Place durable() const override { return log_.durable().place; }
  bool settled() const override { return log_.settled(); }
  std::size_t waiting() const override { return log_.waiting(); }
  std::uint64_t unwritten(Hole& range) const override;
  void give_up() override { log_.give_up(); }
  std::optional<SavedSink> saved() const override;
  std::optional<CutFile> take_cut() override { return std::exchange(cut_, std::nullopt); }
  std::vector<SinkRepair> take_repairs() override { return std::exchange(repairs_, {}); }
  std::string words() const override { return words_; }
  std::optional<WallTime> found_timestamp() const override { return found_timestamp_; }
  bool crowded() const override { return log_.crowded(); }

 protected:
  /// Reads back what the sink wrote behind `start`.
  virtual std::unique_ptr<TailReader> make_reader(const SinkStart& start) const = 0;
  /// What `reader` read to its end is what the file holds.
  virtual void adopt(const TailReader& /*reader*/, const SinkStart& /*start*/, Mark& /*found*/) {}
  /// Of what stands behind `from`, events may come again.
  virtual void look_back(AppendFile& /*file*/, std::uint64_t /*from*/) {}
  /// The file goes on from its durable mark.
  virtual void on_rewound() {}

  void took_event() { ++log_.buffered().events; }
  const SinkConfig& config() const { return config_; }
  void explain(std::string words) { words_ = std::move(words); }
  LogFile& log() { return log_; }
  const LogFile& log() const { return log_; }

 private:
  boost::system::error_code secure(const SinkStart& start, LogFile::Opened& opened);
  void note(std::optional<SinkRepair> repair);

  const SinkContext& context_;
  SinkConfig config_;
  LogFile log_;
  std::vector<SinkRepair> repairs_;
  std::optional<CutFile> cut_;
  std::string words_;
  std::optional<WallTime> found_timestamp_;
  RotationTrigger trigger_;
  bool watched_ = false;          ///< the trigger knows the file that is open now
  SteadyTime rotate_again_at_{};  ///< after a rotation that failed
};

/// NDJSON: each event's own bytes, one line each.
class FileSink : public LineSink {
 public:
  using LineSink::LineSink;
  void append(const Event& event, const Now& now) override;
  std::vector<HeldEvent> take_held() override { return std::exchange(held_, {}); }

 protected:
  std::unique_ptr<TailReader> make_reader(const SinkStart& start) const override;
  void look_back(AppendFile& file, std::uint64_t from) override;

 private:
  std::vector<HeldEvent> held_;
};

}  // namespace gcstreamd
