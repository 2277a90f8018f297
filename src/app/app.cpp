#include "gcstreamd/app/app.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "gcstreamd/app/event_loop.hpp"
#include "gcstreamd/core/errors.hpp"

namespace gcstreamd {
namespace {

constexpr int kCannotOpen = 74;
constexpr int kInstanceRuns = 75;
constexpr int kSignalBase = 128;

const char* name_of(int signal) {
  return signal == SIGTERM ? "SIGTERM" : signal == SIGINT ? "SIGINT" : "SIGHUP";
}

}  // namespace

App::App(Config config, std::shared_ptr<spdlog::logger> log)
    : config_(std::move(config)),
      log_(std::move(log)),
      pool_(loop_.get_executor()),
      sinks_{loop_.get_executor(), pool_, open_append_file},
      context_{loop_.get_executor(), sinks_, log_, config_.state_dir,
               std::chrono::milliseconds(config_.shutdown_timeout)},
      signals_(loop_),
      metrics_timer_(loop_) {}

App::~App() = default;

int App::run() {
  std::signal(SIGPIPE, SIG_IGN);
  if (const int code = open_state_directory(); code != 0)
    return code;
  if (const int code = open_streams(); code != 0)
    return code;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1})
    signals_.add(signal);
  await_signal();
  log_->info("gcstreamd {} started, {} stream(s)", GCSTREAMD_VERSION, streams_.size());
  record_in_all(AuditRecord("daemon_started").text("version", GCSTREAMD_VERSION));
  arm_metrics();
  running_ = streams_.size();
  for (auto& stream : streams_)
    stream->start();
  run_event_loop(loop_, [this] {
    for (auto& stream : streams_)
      stream->flush();
  });
  log_->info("gcstreamd stopped, exit code {}", exit_code_);
  return exit_code_;
}

bool App::settled() const {
  return std::all_of(streams_.begin(), streams_.end(),
                     [](const auto& stream) { return stream->settled(); });
}

int App::open_state_directory() {
  boost::system::error_code error;
  switch (lock_.acquire(config_.state_dir, error)) {
    case InstanceLock::Result::held:
      return 0;
    case InstanceLock::Result::taken:
      log_->error(
          "another instance holds the state directory {}: stop it, or give this one a "
          "state_dir of its own",
          config_.state_dir.string());
      return kInstanceRuns;
    case InstanceLock::Result::failed:
      break;
  }
  log_->error("the state directory {} cannot be used: {}; mend its path or permissions",
              config_.state_dir.string(), describe_errno(error.value()));
  return kCannotOpen;
}

int App::open_streams() {
  for (const StreamConfig& config : config_.streams) {
    streams_.push_back(
        std::make_unique<Stream>(context_, config, [this](ExitCode code) { on_stream_end(code); }));
    if (const std::string fault = streams_.back()->open(); !fault.empty()) {
      log_->error(
          "{}: a required sink or the saved position cannot be opened: {}; mend its path or "
          "permissions",
          config.name, fault);
      return kCannotOpen;
    }
  }
  return 0;
}

void App::record_in_all(const AuditRecord& record) {
  for (auto& stream : streams_)
    stream->record(record);
}

void App::await_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error)
      return;
    await_signal();
    on_signal(signal);
  });
}

void App::on_signal(int signal) {
  if (signal == SIGHUP || signal == SIGUSR1) {
    log_->warn("this version does not reload or reopen files: restart it instead");
    return;
  }
  if (stopping_) {
    log_->warn("second {}: exiting at once", name_of(signal));
    std::_Exit(kSignalBase + signal);
  }
  stopping_ = true;
  exit_code_ = 0;  // of the streams that run still, whatever became of others before
  log_->info("{}: stopping", name_of(signal));
  metrics_timer_.cancel();
  record_in_all(AuditRecord("daemon_stopping").text("signal", name_of(signal)));
  for (auto& stream : streams_)
    stream->stop();
}

void App::arm_metrics() {
  metrics_timer_.expires_after(config_.metrics.interval);
  metrics_timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (aborted)
      return;
    for (auto& stream : streams_)
      stream->report_metrics();
    arm_metrics();
  });
}

void App::on_stream_end(ExitCode code) {
  if (!stopping_ || code == ExitCode::not_saved)
    exit_code_ = static_cast<int>(code);
  if (--running_ == 0)
    loop_.stop();
}

}  // namespace gcstreamd
