#pragma once

#include <spdlog/logger.h>

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "gcstreamd/app/request_budgets.hpp"
#include "gcstreamd/core/audit_record.hpp"
#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/daemon_status.hpp"
#include "gcstreamd/core/reload_plan.hpp"
#include "gcstreamd/core/service_notice.hpp"
#include "gcstreamd/sinks/log_file.hpp"

namespace gcstreamd {

/// What all streams share; outlives them.
struct StreamContext {
  boost::asio::any_io_executor loop;
  const SinkContext& sinks;
  std::shared_ptr<spdlog::logger> log;
  std::filesystem::path state_dir;
  std::chrono::milliseconds shutdown_timeout;
  RequestBudgets& budgets;
};

/// One configured stream, whichever protocol it speaks. Used on the loop's thread.
class RunningStream {
 public:
  virtual ~RunningStream() = default;

  /// Opens sinks and position. Returns what is wrong with a required sink, or "".
  virtual std::string open() = 0;
  virtual void start() = 0;
  /// Ends in order: connections closed, sinks synced, position saved, then `on_end`.
  virtual void stop() = 0;
  /// Applies a new configuration of the same org and endpoint. `change` is what the plan says of
  /// this stream.
  virtual void reconfigure(const StreamConfig& next, const ReloadPlan::Stream& change) = 0;
  /// Files that connections are made with hold something else: what waits is tried now. A new
  /// secret is tried at once: beside a connection while its token still works, else for the next
  /// one.
  virtual void renew_credentials(bool secret_changed) = 0;
  /// Likewise, of the keys that sinks seal and redact with; `next` is as before otherwise.
  virtual void renew_sink_keys(const StreamConfig& next) = 0;
  /// Opens files anew that were moved away.
  virtual void reopen_files() = 0;

  virtual void record(const AuditRecord& record) = 0;
  virtual void flush() = 0;
  virtual void report_metrics() = 0;

  /// Whether nothing of it is left to the disk's thread.
  virtual bool settled() const = 0;
  /// Whether it is over and only winds down.
  virtual bool ending() const = 0;
  /// Whether `on_end` was called.
  virtual bool ended() const = 0;
  virtual const std::string& name() const = 0;
  virtual const StreamConfig& config() const = 0;
  /// Once opened.
  virtual StreamGlance glance() const = 0;
  virtual StreamStatus status(const Now& now) const = 0;
};

/// The stream that this configuration asks for. `on_end` is called once, from the loop, and must
/// not destroy it.
std::unique_ptr<RunningStream> make_stream(const StreamContext& context, const StreamConfig& config,
                                           std::function<void(ExitCode)> on_end);

}  // namespace gcstreamd
