#include "gcstreamd/app/app.hpp"

#include <csignal>
#include <cstdlib>

#include "gcstreamd/app/event_loop.hpp"
#include "gcstreamd/app/log.hpp"
#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/status_json.hpp"
#include "gcstreamd/net/clocks.hpp"
#include "gcstreamd/sinks/rotated_files.hpp"

namespace gcstreamd {
namespace {

constexpr int kCannotOpen = 74;
constexpr int kInstanceRuns = 75;
constexpr int kSignalBase = 128;

const char* name_of(int signal) {
  return signal == SIGTERM ? "SIGTERM" : "SIGINT";
}

void tidy(Archivist& archivist, const std::string& path, const RotateConfig& rotate,
          const std::string& finished) {
  std::string newest = std::filesystem::path(finished).filename().string();
  if (newest.empty())
    if (const auto found = newest_rotated(path))
      newest = *found;
  archivist.tidy({path, rotate, newest});
}

}  // namespace

App::App(Config config, std::shared_ptr<spdlog::logger> log, Reloader::Load load)
    : log_(std::move(log)),
      started_(wall_now()),
      pool_(loop_.get_executor(), workers_.get_executor()),
      archivist_(loop_.get_executor(), [this](const ArchiveNews& news) { tell(news); }),
      sinks_{loop_.get_executor(), pool_, disk_,
             [this](const std::string& path, const RotateConfig& rotate,
                    const std::string& finished) { tidy(archivist_, path, rotate, finished); }},
      budgets_(config.max_requests_per_minute),
      context_{loop_.get_executor(),
               sinks_,
               log_,
               config.state_dir,
               std::chrono::milliseconds(config.shutdown_timeout),
               budgets_},
      signals_(loop_),
      metrics_timer_(loop_),
      admin_(loop_.get_executor(), {[this](AdminPage page) { return answer(page); },
                                    [this] { return to_json(daemon_status()); }}),
      streams_(context_, {[this] { reloader_.on_retired(); }, [this] { loop_.stop(); }}),
      reloader_(context_, streams_, std::move(config), std::move(load),
                {[this] { manager_.reloading(); }, [this](const Config& next) { apply(next); },
                 [this] { manager_.reloaded(); }}),
      manager_(loop_.get_executor(), [this] { return status_words(); }) {}

App::~App() = default;

int App::run() {
  std::signal(SIGPIPE, SIG_IGN);
  if (const int code = open_state_directory(); code != 0)
    return code;
  if (const int code = listen_at_start(reloader_.running().metrics.listen); code != 0)
    return code;
  if (const int code = open_streams(); code != 0)
    return code;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1})
    signals_.add(signal);
  sigset_t early;
  sigemptyset(&early);
  sigaddset(&early, SIGHUP);
  sigaddset(&early, SIGUSR1);
  ::pthread_sigmask(SIG_UNBLOCK, &early, nullptr);
  await_signal();
  log_->info("gcstreamd {} started, {} stream(s)", GCSTREAMD_VERSION,
             reloader_.running().streams.size());
  const auto started = AuditRecord("daemon_started").text("version", GCSTREAMD_VERSION);
  streams_.for_each([&](RunningStream& stream) { stream.record(started); });
  arm_metrics();
  streams_.start();
  manager_.started();
  run_event_loop(loop_,
                 [this] { streams_.for_each([](RunningStream& stream) { stream.flush(); }); });
  manager_.stopping();
  constexpr std::chrono::milliseconds kArchivistLimit{500};
  archivist_ended_ = archivist_.stop(kArchivistLimit);
  log_->info("gcstreamd stopped, exit code {}", streams_.exit_code());
  return streams_.exit_code();
}

bool App::settled() const {
  return archivist_ended_ && streams_.settled();
}

void App::tell(const ArchiveNews& news) {
  if (news.kind == ArchiveNews::Kind::failed)
    log_->warn("{}; {}", describe(news), hint(news));
  else
    log_->info("{}", describe(news));
}

/// Streams that gave up are not in the set any more, and are told of all the same.
std::string App::status_words() {
  std::vector<StreamGlance> glances;
  for (const StreamConfig& config : reloader_.running().streams) {
    const RunningStream* stream = streams_.find(config.name);
    glances.push_back(stream ? stream->glance()
                             : StreamGlance{config.name, StreamState::ended, 0, std::nullopt, 0});
  }
  return status_.words(glances, std::chrono::steady_clock::now());
}

int App::open_state_directory() {
  const std::string directory = context_.state_dir.string();
  boost::system::error_code error;
  switch (lock_.acquire(context_.state_dir, error)) {
    case InstanceLock::Result::held:
      return 0;
    case InstanceLock::Result::taken:
      log_->error(
          "another instance holds the state directory {}: stop it, or give this one a "
          "state_dir of its own",
          directory);
      return kInstanceRuns;
    case InstanceLock::Result::failed:
      break;
  }
  log_->error("the state directory {} cannot be used: {}; mend its path or permissions", directory,
              describe_errno(error.value()));
  return kCannotOpen;
}

int App::open_streams() {
  for (const StreamConfig& config : reloader_.running().streams)
    if (const std::string fault = streams_.add(config); !fault.empty()) {
      log_->log(about(config.name, ""), spdlog::level::err,
                "{}: a required sink or the saved position cannot be opened: {}; mend its path or "
                "permissions",
                config.name, fault);
      return kCannotOpen;
    }
  return 0;
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
  switch (signal) {
    case SIGHUP:
      reloader_.request();
      break;
    case SIGUSR1:
      log_->info("SIGUSR1: reopening files");
      streams_.for_each([](RunningStream& stream) { stream.reopen_files(); });
      break;
    default:
      stop(signal);
  }
}

void App::stop(int signal) {
  if (stopping_) {
    log_->warn("second {}: exiting at once", name_of(signal));
    std::_Exit(kSignalBase + signal);
  }
  stopping_ = true;
  log_->info("{}: stopping", name_of(signal));
  manager_.stopping();
  metrics_timer_.cancel();
  reloader_.cancel();
  const auto stopping = AuditRecord("daemon_stopping").text("signal", name_of(signal));
  streams_.for_each([&](RunningStream& stream) { stream.record(stopping); });
  streams_.stop();
}

void App::apply(const Config& config) {
  configure_log(*log_, config.log);
  context_.shutdown_timeout = config.shutdown_timeout;
  budgets_.configure(config.max_requests_per_minute);
  if (config.metrics.interval != metrics_interval_)
    arm_metrics();
  if (config.metrics.listen != listening_ || !admin_.is_in_place())
    listen_elsewhere(config.metrics.listen);
}

int App::listen_at_start(const std::string& address) {
  const auto parsed = parse_listen_address(address);
  if (!parsed)
    return 0;  // nowhere
  if (const auto error = admin_.listen(*parsed)) {
    log_->error("metrics.listen: {}: {}; free it, choose another address, or turn it off by null",
                address, describe_errno(error.value()));
    return kCannotOpen;
  }
  listening_ = address;
  log_->info("serving status and metrics on {}", admin_.url());
  return 0;
}

void App::listen_elsewhere(const std::string& address) {
  const auto parsed = parse_listen_address(address);
  const auto error = parsed ? admin_.listen(*parsed) : boost::system::error_code();
  if (error) {
    log_->warn("reload: metrics.listen: {}: {}; {} stays in use", address,
               describe_errno(error.value()), listening_.empty() ? "no address" : listening_);
    return;
  }
  if (parsed)
    log_->info("serving status and metrics on {}", admin_.url());
  else
    admin_.close();
  listening_ = address;
}

void App::arm_metrics() {
  metrics_interval_ = reloader_.running().metrics.interval;
  metrics_timer_.expires_after(metrics_interval_);
  metrics_timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (aborted)
      return;
    streams_.for_each([](RunningStream& stream) { stream.report_metrics(); });
    arm_metrics();
  });
}

}  // namespace gcstreamd
