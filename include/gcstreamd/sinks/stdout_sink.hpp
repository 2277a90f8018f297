#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <optional>
#include <string>

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/sinks/log_file.hpp"
#include "gcstreamd/sinks/output_descriptor.hpp"
#include "gcstreamd/sinks/sink.hpp"

namespace gcstreamd {

/// NDJSON on standard output. Never waits for its reader: what does not fit into a bounded buffer
/// is dropped, whole events only, and counted. A reader that left ends the sink.
class StdoutSink : public Sink {
 public:
  StdoutSink(const SinkContext& context, Callbacks callbacks);
  ~StdoutSink() override;

  boost::system::error_code open(const SinkStart& start) override;
  boost::system::error_code recover(const std::string&) override { return flush(); }
  void configure(const SinkConfig&, bool) override {}
  void append(const Event& event, const Now& now) override;
  void move_to(Place place) override { reached_ = place; }
  boost::system::error_code flush() override;
  Place reached() const override { return reached_; }
  /// Written as far as that can be known: to the pipe, whenever nothing waited behind it.
  Place durable() const override { return written_; }
  bool settled() const override { return true; }
  std::size_t waiting() const override { return blocked_ ? 0 : buffer_.size(); }
  std::uint64_t unwritten(Hole& range) const override;
  std::optional<Hole> take_dropped(std::uint64_t& count) override;
  bool ends_with(const boost::system::error_code& error) const override;

  static constexpr std::size_t kMaxWaiting = 4 * 1024 * 1024;

 private:
  void await_reader();
  boost::system::error_code write_some();

  Callbacks callbacks_;
  boost::asio::posix::stream_descriptor descriptor_;
  OutputDescriptor out_;
  bool blocked_ = false;
  std::string buffer_;
  Place reached_;
  Place written_;
  Hole dropped_;
  std::uint64_t dropped_count_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gcstreamd
