#include "simulator/command_line.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <string>
#include <vector>

namespace gcstream_sim {
namespace {

using Line = CommandLine;

// What has no type of its own in Options until the whole line was read.
struct Raw {
  std::vector<std::string> event_types;
  double heartbeat_s = 10;
  std::uint32_t token_lifetime_s = 3600;
};

void add_server(CLI::App& app, Line& line, Raw& raw) {
  Options& options = line.options;
  app.add_option("--port", options.port, "TCP port on 127.0.0.1; 0: any free one")
      ->default_val(8443);
  app.add_option("--directory", line.directory, "Where ca.pem and client_secret are written")
      ->capture_default_str();
  app.add_option("--client-id", options.credentials.client_id, "OAuth client id")
      ->capture_default_str();
  app.add_option("--token-lifetime-s", raw.token_lifetime_s, "Lifetime of access tokens")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--heartbeat-s", raw.heartbeat_s, "Seconds between heartbeats")
      ->check(CLI::Range(0.001, 86400.0))
      ->capture_default_str();
  app.add_flag("--quiet", line.quiet, "Print only the line that says where it listens");
}

void add_story(CLI::App& app, Line& line, Raw& raw) {
  Options& options = line.options;
  app.add_option("--seed", options.feed.seed, "The same seed tells the same story")
      ->capture_default_str();
  app.add_option("--event-types", raw.event_types, "What is told, separated by commas; all")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(
          CLI::IsMember(std::vector<std::string>(kEventTypeNames.begin(), kEventTypeNames.end())));
  app.add_option("--rate", options.rate, "Events per second; 0: as fast as possible")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  app.add_option("--count", options.feed.count, "Create no more than this many events");
  app.add_option("--history", options.feed.history, "Newest events kept for a resume")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--wait-for-client", options.wait_for_client,
               "Create events only while somebody is subscribed");
}

void add_faults(CLI::App& app, FaultOptions& faults) {
  app.add_option("--drop-every", faults.drop_every,
                 "Cut the connection after every N-th live event");
  app.add_option("--gap-every", faults.gap_every,
                 "Send every N-th event only in a replay, not live");
  app.add_option("--lose-every", faults.lose_every, "Never send every N-th event");
}

void add_reports(CLI::App& app, Line& line) {
  app.add_option("--truth", line.options.feed.truth, "Write every created event to this file");
  app.add_option("--summary", line.summary, "Write counters to this file at the end");
}

void apply(const Raw& raw, Options& options) {
  if (options.rate == 0 && !options.feed.count) {
    throw CLI::ValidationError("--rate 0", "needs --count");
  }
  options.heartbeat = std::chrono::milliseconds(std::llround(raw.heartbeat_s * 1000));
  options.credentials.token_lifetime = std::chrono::seconds(raw.token_lifetime_s);
  if (raw.event_types.empty()) {
    return;
  }
  options.feed.event_types = {};
  for (const std::string& name : raw.event_types) {
    options.feed.event_types.add(event_type_named(name).value());
  }
}

}  // namespace

std::variant<CommandLine, int> read_command_line(int argc, const char* const* argv) {
  CLI::App app("Simulates an event stream of a contact centre on 127.0.0.1.", "gcstream-sim");
  Line line;
  Raw raw;
  add_server(app, line, raw);
  add_story(app, line, raw);
  add_faults(app, line.options.feed.faults);
  add_reports(app, line);
  try {
    app.parse(argc, argv);
    apply(raw, line.options);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : kExitUsage;
  }
  return line;
}

}  // namespace gcstream_sim
