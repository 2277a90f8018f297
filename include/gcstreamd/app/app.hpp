#pragma once

#include <spdlog/logger.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "gcstreamd/app/instance_lock.hpp"
#include "gcstreamd/app/reloader.hpp"
#include "gcstreamd/app/stream_set.hpp"
#include "gcstreamd/app/systemd_notify.hpp"
#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/daemon_status.hpp"
#include "gcstreamd/net/admin_server.hpp"
#include "gcstreamd/sinks/archivist.hpp"

namespace gcstreamd {

/// The daemon: owns the loop, the streams and what they share, from start to exit code.
class App {
 public:
  /// `load` reads the configuration anew for a reload.
  App(Config config, std::shared_ptr<spdlog::logger> log, Reloader::Load load);
  ~App();

  /// Runs until a signal or the last stream ends it; returns the process's exit code.
  int run();
  /// After run(): whether nothing is left to the disk's thread. Where something is, destroying this
  /// object waits for it.
  bool settled() const;

 private:
  int open_state_directory();
  int open_streams();
  void await_signal();
  void on_signal(int signal);
  void stop(int signal);
  void apply(const Config& config);
  int listen_at_start(const std::string& address);
  void listen_elsewhere(const std::string& address);
  void arm_metrics();
  void tell(const ArchiveNews& news);
  std::string status_words();
  DaemonStatus daemon_status() const;
  AdminResponse answer(AdminPage page) const;

  std::shared_ptr<spdlog::logger> log_;
  const WallTime started_;
  InstanceLock lock_;
  boost::asio::io_context loop_{1};
  PosixDisk disk_;
  boost::asio::thread_pool workers_{SyncPool::kWorkers};
  SyncPool pool_;
  Archivist archivist_;
  SinkContext sinks_;
  RequestBudgets budgets_;
  StreamContext context_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer metrics_timer_;
  std::chrono::seconds metrics_interval_{0};
  AdminServer admin_;
  std::string listening_;  ///< on; empty: nowhere
  StreamSet streams_;
  Reloader reloader_;
  ServiceStatus status_;
  SystemdNotify manager_;
  bool stopping_ = false;
  bool archivist_ended_ = true;
};

}  // namespace gcstreamd
