#include "simulator/notifications/flags.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cmath>
#include <sstream>

namespace gcstream_sim {
namespace {

constexpr const char* kGroup = "With --protocol notifications";
constexpr double kLongest = 1e7;  // seconds
constexpr std::size_t kMostEntries = 10'000;

constexpr auto kForeign = std::to_array<const char*>(
    {"--event-types", "--history", "--overlap", "--drop-every", "--drop-about", "--gap-every",
     "--lose-every", "--poison-at", "--numbered-heartbeats"});

std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

void add_seconds(CLI::App& app, const char* name, double& seconds, const char* what) {
  app.add_option(name, seconds, what)
      ->check(CLI::Range(0.0, kLongest))
      ->capture_default_str()
      ->group(kGroup);
}

template <typename Number>
void add_number(CLI::App& app, const char* name, Number& number, std::size_t least,
                std::size_t most, const char* what) {
  app.add_option(name, number, what)
      ->check(CLI::Range(least, most))
      ->capture_default_str()
      ->group(kGroup);
}

TopicRule rule_of(const std::string& text) {
  std::istringstream words(text);
  TopicRule rule;
  words >> rule.pattern;
  for (std::string permission; words >> permission;) {
    rule.permissions.push_back(permission);
  }
  return rule;
}

}  // namespace

void NotificationFlags::add(CLI::App& app) {
  NotificationOptions& o = options_;
  add_number(app, "--most-channels", o.most_channels, 1, 1000,
             "More remove the one used longest ago");
  add_number(app, "--most-topics", o.most_topics, 1, 100'000, "Topics of a channel");
  add_seconds(app, "--channel-life-s", channel_life_s_, "Until a channel expires");
  add_seconds(app, "--socket-life-s", socket_life_s_, "Until socket_closing is told; 0: never");
  add_seconds(app, "--closing-notice-s", closing_notice_s_, "From socket_closing to the close");
  add_number(app, "--displaced-code", o.displaced_code, 1000, 4999,
             "Closes a socket that is displaced");
  app.add_option("--gone-channel", gone_, "What a socket to a channel that is gone gets")
      ->check(CLI::IsMember({"404", "401", "in-band"}))
      ->capture_default_str()
      ->group(kGroup);
  add_number(app, "--requests", o.requests, 0, 1'000'000,
             "REST calls in any window; 0: any number");
  add_seconds(app, "--request-window-s", window_s_, "The length of that window");
  app.add_option("--reject-topic", rejected_,
                 "'PATTERN PERMISSION…': such topics are rejected for want of these; repeatable")
      ->allow_extra_args(false)
      ->group(kGroup);
  app.add_flag("--own-metadata", o.own_metadata,
               "An event has other metadata on each socket; the truth has the first's")
      ->group(kGroup);
  add_number(app, "--queues", o.queues, 8, kMostEntries, "Queues of the org");
  add_number(app, "--users", o.users, 24, kMostEntries, "Users of the org");
  add_number(app, "--past", o.past, 0, 1'000'000, "Steps of the story on the UTC day before");
  add_seconds(app, "--details-delay-s", details_delay_s_, "Until details queries know of an event");
  add_number(app, "--late-every", o.late_every, 0, 1'000'000,
             "The end and wrap-up of every N-th conversation are known later; 0: of none");
  add_seconds(app, "--late-by-s", late_by_s_, "So much later");
}

NotificationOptions NotificationFlags::options() const {
  NotificationOptions options = options_;
  options.channel_life = milliseconds_of(channel_life_s_);
  options.socket_life = milliseconds_of(socket_life_s_);
  options.closing_notice = milliseconds_of(closing_notice_s_);
  options.window = milliseconds_of(window_s_);
  options.details_delay = milliseconds_of(details_delay_s_);
  options.late_by = milliseconds_of(late_by_s_);
  options.gone = gone_ == "401"   ? GoneChannel::unauthorized
                 : gone_ == "404" ? GoneChannel::not_found
                                  : GoneChannel::in_band;
  for (const std::string& text : rejected_) {
    options.rejected.push_back(rule_of(text));
  }
  return options;
}

std::vector<std::string> NotificationFlags::foreign(const CLI::App& app) {
  std::vector<std::string> given;
  for (const char* name : kForeign) {
    if (app.count(name) > 0) {
      given.emplace_back(name);
    }
  }
  return given;
}

}  // namespace gcstream_sim
