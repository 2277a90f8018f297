#include "simulator/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "simulator/notifications/flags.hpp"
#include "simulator/step_table.hpp"

namespace gcstream_sim {
namespace {

using Line = CommandLine;

// What has no type of its own in Options until the whole line was read.
struct Raw {
  std::vector<std::string> event_types;
  double heartbeat_s = 10;
  double ping_s = 0;
  std::uint32_t token_lifetime_s = 3600;
  std::vector<std::string> faults;
  bool list_faults = false;
  std::string protocol{kProtocolNames[0]};
  NotificationFlags notifications;
};

void add_server(CLI::App& app, Line& line, Raw& raw) {
  Options& options = line.options;
  app.add_option("--protocol", raw.protocol, "What is served beside tokens")
      ->check(CLI::IsMember(std::vector<std::string>(kProtocolNames.begin(), kProtocolNames.end())))
      ->capture_default_str();
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
  app.add_option("--ping-s", raw.ping_s, "Seconds between WebSocket pings; 0: none")
      ->check(CLI::Range(0.0, 86400.0))
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
  app.add_option("--overlap", options.feed.overlap,
                 "A resume replays this many events that the client has");
  app.add_flag("--wait-for-client", options.wait_for_client,
               "Create events only while somebody is subscribed");
  app.add_option("--most-behind", options.most_behind,
                 "Create none while a subscriber has this many still to get; 0: no matter");
}

void add_faults(CLI::App& app, Line& line, Raw& raw) {
  FaultOptions& faults = line.options.feed.faults;
  app.add_option("--drop-every", faults.drop_every,
                 "Cut the connection after every N-th live event");
  app.add_option("--drop-about", faults.drop_about,
                 "The same about every N-th time, at random by the seed");
  app.add_option("--gap-every", faults.gap_every,
                 "Send every N-th event only in a replay, not live");
  app.add_option("--lose-every", faults.lose_every, "Never send every N-th event");
  app.add_option("--poison-at", faults.poison_at, "Event N has bad UTF-8 each time it is sent");
  app.add_flag("--numbered-heartbeats", line.options.numbered_heartbeats,
               "Heartbeats carry the newest event's sequenceNumber");
  app.add_option("--script", line.script, "Play the steps in this file; see --list-faults");
  const auto add = [&app, &raw](const char* name, const char* step, const char* what) {
    app.add_option_function<std::vector<std::string>>(
           name,
           [&raw, step](const std::vector<std::string>& values) {
             for (const std::string& value : values) {
               raw.faults.push_back(step + value);
             }
           },
           what)
        ->allow_extra_args(false);
  };
  add("--fault", "", "This step at every occasion: --fault 'close 1012'; repeatable");
  add("--token", "token ", "Short for --fault 'token FAULT'");
  add("--tls", "tls ", "Short for --fault 'tls FAULT'");
  add("--refuse", "refuse ", "Short for --fault 'refuse STATUS'");
  app.add_flag("--list-faults", raw.list_faults, "Explain every step, and exit");
}

void apply_faults(const std::vector<std::string>& faults, Options& options) {
  for (const std::string& text : faults) {
    try {
      options.faults.push_back(standing_fault(text));
    } catch (const std::invalid_argument& e) {
      throw CLI::ValidationError("--fault " + text, e.what());
    }
  }
  for (const Step& step : options.faults) {
    const auto same = [&step](const Step& other) { return place_of(other) == place_of(step); };
    if (std::count_if(options.faults.begin(), options.faults.end(), same) > 1) {
      throw CLI::ValidationError(
          "--fault", std::string(info_of(step.kind).name) +
                         " has the same occasion as another; write both into a --script, between "
                         "forever and end");
    }
  }
}

void apply_protocol(const CLI::App& app, const Raw& raw, Options& options) {
  options.notifications = raw.notifications.options();
  if (raw.protocol != name_of(Protocol::notifications)) {
    return;
  }
  options.protocol = Protocol::notifications;
  const auto foreign = NotificationFlags::foreign(app);
  if (!foreign.empty()) {
    throw CLI::ValidationError(foreign.front(), "is only for --protocol analytics-stream");
  }
}

void check_protocol(const Options& options) {
  for (const Step& step : options.faults) {
    if (!is_step_of(step.kind, options.protocol)) {
      throw CLI::ValidationError(
          "--fault", std::string(info_of(step.kind).name) + " is no step of --protocol " +
                         std::string(name_of(options.protocol)) + "; see --list-faults");
    }
  }
}

void add_reports(CLI::App& app, Line& line) {
  app.add_option("--truth", line.options.feed.truth, "Write every created event to this file");
  app.add_option("--summary", line.summary, "Write counters to this file at the end");
}

void apply(const CLI::App& app, const Raw& raw, Options& options) {
  apply_protocol(app, raw, options);
  apply_faults(raw.faults, options);
  check_protocol(options);
  if (options.rate == 0 && !options.feed.count) {
    throw CLI::ValidationError("--rate 0", "needs --count");
  }
  options.heartbeat = std::chrono::milliseconds(std::llround(raw.heartbeat_s * 1000));
  options.ping = std::chrono::milliseconds(std::llround(raw.ping_s * 1000));
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
  add_faults(app, line, raw);
  add_reports(app, line);
  raw.notifications.add(app);
  try {
    app.parse(argc, argv);
    if (raw.list_faults) {
      std::fputs(list_of_faults().c_str(), stdout);
      return 0;
    }
    apply(app, raw, line.options);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : kExitUsage;
  }
  return line;
}

}  // namespace gcstream_sim
