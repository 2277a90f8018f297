#pragma once

#include <spdlog/logger.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "gcstreamd/app/instance_lock.hpp"
#include "gcstreamd/app/stream.hpp"
#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// The daemon: owns the loop, the streams and what they share, from start to exit code.
class App {
 public:
  App(Config config, std::shared_ptr<spdlog::logger> log);
  ~App();

  /// Runs until a signal or the last stream ends it; returns the process's exit code.
  int run();
  /// After run(): whether nothing is left to the disk's thread. Where something is, destroying this
  /// object waits for it.
  bool settled() const;

 private:
  int open_state_directory();
  int open_streams();
  void record_in_all(const AuditRecord& record);
  void await_signal();
  void on_signal(int signal);
  void arm_metrics();
  void on_stream_end(ExitCode code);

  Config config_;
  std::shared_ptr<spdlog::logger> log_;
  InstanceLock lock_;
  boost::asio::io_context loop_{1};
  SyncPool pool_;
  SinkContext sinks_;
  StreamContext context_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer metrics_timer_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::size_t running_ = 0;
  int exit_code_ = 0;
  bool stopping_ = false;
};

}  // namespace gcstreamd
