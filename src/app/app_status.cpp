#include <fmt/format.h>
#include <unistd.h>

#include "gcstreamd/app/app.hpp"
#include "gcstreamd/app/process_status.hpp"
#include "gcstreamd/core/exposition.hpp"
#include "gcstreamd/core/readiness.hpp"
#include "gcstreamd/core/status_json.hpp"
#include "gcstreamd/net/clocks.hpp"
#include "status_page.hpp"

namespace gcstreamd {
namespace {

std::string readiness_words(const std::vector<std::string>& reasons) {
  std::string words;
  for (const std::string& reason : reasons)
    words += reason + '\n';
  return words.empty() ? "ready\n" : words;
}

/// Of a stream that could not be opened when the configuration was reloaded.
StreamStatus not_open(const StreamConfig& config, const Reloader::Failure& failure,
                      const Now& now) {
  StreamStatus status;
  status.name = config.name;
  status.since = failure.at;
  status.metrics = Metrics(now.steady);
  status.trouble = fmt::format("it could not be opened: {}; mend that and reload", failure.fault);
  return status;
}

}  // namespace

DaemonStatus App::daemon_status() const {
  const Now now = read_clocks();
  DaemonStatus status;
  status.version = GCSTREAMD_VERSION;
  status.pid = ::getpid();
  status.started = started_;
  status.now = now.wall;
  status.stopping = stopping_;
  status.process = process_status();
  for (const StreamConfig& config : reloader_.running().streams)
    if (const auto failed = reloader_.failed().find(config.name);
        failed != reloader_.failed().end())
      status.streams.push_back(not_open(config, failed->second, now));
    else if (auto stream = streams_.status(config.name, now))
      status.streams.push_back(std::move(*stream));
  return status;
}

AdminResponse App::answer(AdminPage page) const {
  AdminResponse response;
  switch (page) {
    case AdminPage::metrics:
      response.content_type = kExpositionType;
      response.body = to_prometheus(daemon_status());
      break;
    case AdminPage::health:  // the loop has just called this
      response.body = "ok\n";
      break;
    case AdminPage::readiness: {
      const auto reasons = unready(daemon_status());
      constexpr int kUnavailable = 503;
      response.status = reasons.empty() ? response.status : kUnavailable;
      response.body = readiness_words(reasons);
      break;
    }
    case AdminPage::page:
      response.content_type = "text/html; charset=utf-8";
      response.body = kStatusPage;
      response.content_security_policy = kStatusPagePolicy;
      break;
    case AdminPage::status:
    case AdminPage::events:
      response.content_type = "application/json";
      response.body = to_json(daemon_status()) + '\n';
      break;
  }
  return response;
}

}  // namespace gcstreamd
