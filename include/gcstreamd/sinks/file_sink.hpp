#pragma once

#include "gcstreamd/sinks/log_file.hpp"
#include "gcstreamd/sinks/sink.hpp"

namespace gcstreamd {

/// What file and audit sinks share: a file of lines and how far it goes.
class LineSink : public Sink {
 public:
  LineSink(const SinkContext& context, const SinkConfig& config, Callbacks callbacks)
      : path_(config.path),
        log_(context, config, {std::move(callbacks.on_durable), std::move(callbacks.on_fault)}) {}

  boost::system::error_code open(const SinkStart& start) override;
  boost::system::error_code recover(const std::string& time) override;
  void configure(const SinkConfig& config, bool shared) override;
  bool moved() const override { return log_.moved(); }
  boost::system::error_code leave() override { return log_.leave(); }
  bool left() const override { return log_.left(); }
  boost::system::error_code enter(const std::string& time) override;
  void move_to(Place place) override { log_.buffered().place = place; }
  boost::system::error_code flush() override { return log_.flush(); }
  void sync() override { log_.sync(); }
  Place reached() const override { return log_.buffered().place; }
  Place durable() const override { return log_.durable().place; }
  bool settled() const override { return log_.settled(); }
  std::size_t waiting() const override { return log_.waiting(); }
  std::uint64_t unwritten(Hole& range) const override;
  std::optional<SinkRepair> take_repair() override { return std::exchange(repair_, std::nullopt); }

 protected:
  /// The last line that the file held when it was opened.
  virtual void adopt(const std::string& /*last_line*/, const SinkStart& /*start*/) {}

  void took_event() { ++log_.buffered().events; }
  LogFile& log() { return log_; }
  const LogFile& log() const { return log_; }

 private:
  void note(const Tail& tail);

  std::string path_;
  LogFile log_;
  std::optional<SinkRepair> repair_;
};

/// NDJSON: each event's own bytes, one line each.
class FileSink : public LineSink {
 public:
  using LineSink::LineSink;
  void append(const Event& event, const Now& now) override;
};

}  // namespace gcstreamd
