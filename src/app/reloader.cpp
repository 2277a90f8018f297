#include "gcstreamd/app/reloader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gcstreamd/app/log.hpp"
#include "gcstreamd/app/system_inputs.hpp"
#include "gcstreamd/core/reload_plan.hpp"
#include "gcstreamd/net/clocks.hpp"

namespace gcstreamd {
namespace {

/// Signals that come this close together are one reload.
constexpr std::chrono::milliseconds kQuiet{20};

const StreamConfig* find(const Config& config, const std::string& name) {
  for (const StreamConfig& stream : config.streams)
    if (stream.name == name)
      return &stream;
  return nullptr;
}

bool requires_sink_at(const StreamConfig* stream, const std::string& path) {
  return stream &&
         std::any_of(stream->sinks.begin(), stream->sinks.end(),
                     [&](const SinkConfig& sink) { return sink.path == path && sink.required; });
}

/// Why a sink could not write to its path; nothing is created.
boost::system::error_code fault_of(Disk& disk, const SinkConfig& sink) {
  const auto there = disk.find(sink.path);
  if (there)
    return disk.open(sink.path, sink.mode).error();
  return there.error() == boost::system::errc::no_such_file_or_directory ? creation_fault(sink.path)
                                                                         : there.error();
}

}  // namespace

Reloader::Reloader(const StreamContext& context, StreamSet& streams, Config running, Load load,
                   Events events)
    : context_(context),
      streams_(streams),
      running_(std::move(running)),
      load_(std::move(load)),
      events_(std::move(events)),
      timer_(context.loop) {
  for (const StreamConfig& stream : running_.streams)
    materials_[stream.name] = read_materials(stream);
}

void Reloader::request() {
  if (cancelled_)
    return;
  if (applying_)
    again_ = true;
  else if (!armed_)
    arm();
}

void Reloader::cancel() {
  cancelled_ = true;
  timer_.cancel();
}

void Reloader::arm() {
  armed_ = true;
  events_.on_begin();
  timer_.expires_after(kQuiet);
  timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (aborted || cancelled_)
      return;
    armed_ = false;
    reload();
  });
}

void Reloader::reload() {
  streams_.for_each([](RunningStream& stream) { stream.reopen_files(); });
  ConfigResult next = load_();
  std::vector<std::string> errors;
  for (const ConfigError& error : next.errors)
    errors.push_back(to_string(error));
  if (errors.empty())
    errors = sink_faults(next.config);
  if (!errors.empty()) {
    reject(errors);
    return;
  }
  for (const std::string& warning : next.warnings)
    context_.log->warn("{}", warning);
  for (const std::string& note : next.notes)
    context_.log->info("{}", note);
  begin(std::move(next.config));
}

/// A path that cannot be opened must not stop a stream that runs. Optional sinks stop none.
std::vector<std::string> Reloader::sink_faults(const Config& next) const {
  std::vector<std::string> faults;
  for (std::size_t i = 0; i < next.streams.size(); ++i) {
    const StreamConfig& stream = next.streams[i];
    const StreamConfig* before = find(running_, stream.name);
    for (std::size_t j = 0; j < stream.sinks.size(); ++j) {
      const SinkConfig& sink = stream.sinks[j];
      if (sink.path.empty() || !sink.required || requires_sink_at(before, sink.path))
        continue;
      if (const auto error = fault_of(context_.sinks.disk, sink))
        faults.push_back(fmt::format("/streams/{}/sinks/{}/path: {} cannot be opened: {}", i, j,
                                     sink.path, describe_errno(error.value())));
    }
  }
  return faults;
}

void Reloader::reject(const std::vector<std::string>& errors) {
  for (const std::string& error : errors)
    context_.log->error("{}", error);
  context_.log->error(
      "the new configuration has {} fault(s): all of the old one stays in effect; mend it and "
      "reload again (gcstreamd check finds its faults beforehand)",
      errors.size());
  record_in_all(AuditRecord("config_rejected").texts("errors", errors));
  events_.on_end();
}

void Reloader::begin(Config next) {
  applying_ = true;
  ReloadPlan plan = plan_reload(running_, next);
  replace_where_files_move(running_, next, real_path, plan);
  changes_ = plan.changes;
  for (const std::string& detail : plan.details)
    context_.log->info("reload: {}", detail);
  if (plan.state_dir) {
    context_.log->warn("reload: state_dir stays {} until a restart", running_.state_dir.string());
    next.state_dir = running_.state_dir;
  }
  running_ = std::move(next);
  events_.on_apply(running_);
  for (const ReloadPlan::Stream& change : plan.streams) {
    const bool in_place =
        change.kind == ReloadPlan::Kind::live || change.kind == ReloadPlan::Kind::reconnect;
    RunningStream* stream = in_place ? streams_.find(change.name) : nullptr;
    if (stream)
      stream->reconfigure(*find(running_, change.name), change);
    else
      streams_.retire(change.name);
  }
  take_over_materials();
  finish();
}

/// Files whose names did not change and whose contents did.
void Reloader::take_over_materials() {
  auto before = std::exchange(materials_, {});
  for (std::size_t i = 0; i < running_.streams.size(); ++i) {
    const StreamConfig& config = running_.streams[i];
    const Materials now = read_materials(config);
    materials_[config.name] = now;
    RunningStream* stream = streams_.find(config.name);
    if (!stream || !before.contains(config.name))
      continue;
    const auto keys = changed_materials(before.at(config.name), now);
    for (const std::string& key : keys) {
      const std::string pointer = fmt::format("/streams/{}/{}", i, key);
      if (std::find(changes_.begin(), changes_.end(), pointer) != changes_.end())
        continue;
      changes_.push_back(pointer);
      context_.log->info("reload: {}: the file holds something else now", pointer);
    }
    if (!keys.empty() && concerns_sink(keys.back()))
      stream->renew_sink_keys(config);
    if (!keys.empty() && !concerns_sink(keys.front()))
      stream->renew_credentials(keys.front() == "oauth/client_secret_file");
  }
}

void Reloader::on_retired() {
  if (applying_ && !cancelled_)
    finish();
}

/// Once what was retired is gone, and its files with it, others may open them. A stream that gives
/// up meanwhile winds down first, too.
void Reloader::finish() {
  for (const StreamConfig& config : running_.streams)
    if (!streams_.find(config.name))
      streams_.retire(config.name);
  if (streams_.retiring())
    return;  // on_retired comes
  failed_.clear();
  for (const StreamConfig& config : running_.streams)
    if (!streams_.find(config.name))
      open(config);
  record_in_all(AuditRecord("config_reloaded").texts("changes", changes_));
  context_.log->info("the configuration was reloaded, {} change(s)", changes_.size());
  streams_.start();
  applying_ = false;
  events_.on_end();
  if (std::exchange(again_, false))
    arm();
}

void Reloader::open(const StreamConfig& config) {
  const std::string fault = streams_.add(config);
  if (fault.empty())
    return;
  failed_[config.name] = {fault, wall_now()};
  context_.log->log(about(config.name, "sink_failed"), spdlog::level::err,
                    "{}: it cannot be opened: {}; mend that and reload again", config.name, fault);
}

void Reloader::record_in_all(const AuditRecord& record) {
  streams_.for_each([&](RunningStream& stream) { stream.record(record); });
}

}  // namespace gcstreamd
