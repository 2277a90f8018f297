// A day of a channel's life on a fake clock against a fake server: every event that the server had
// is delivered once, live or recovered, or lies within a recorded loss.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <deque>
#include <map>
#include <nlohmann/json.hpp>

#include "gcstreamd/core/backfill_plan.hpp"
#include "gcstreamd/core/channel_machine.hpp"
#include "gcstreamd/core/coverage_days.hpp"
#include "gcstreamd/core/request_budget.hpp"
#include "gcstreamd/core/time_format.hpp"
#include "helpers/padded.hpp"
#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr seconds kDay{24h};
constexpr seconds kUntil{kDay + 2h};  // what is to be filled in again an hour later is, too

struct Period {
  seconds from;
  seconds to;
  bool holds(seconds now) const { return from <= now && now < to; }
};

/// What the service does: it knows channels, and forgets what nobody heard.
class Service {
 public:
  struct Channel {
    seconds expires{0};
    bool subscribed = false;
    bool open = false;
  };

  bool down(seconds now) const { return first_outage.holds(now) || second_outage.holds(now); }
  std::string frame(int n, seconds when) const {
    return fmt::format(
        R"({{"topicName":"v2.detail.events.conversation.c{}.acw","eventBody":{{"eventTime":{}}},)"
        R"("metadata":{{"CorrelationId":"{}"}}}})",
        n, std::chrono::floor<std::chrono::milliseconds>(wall(when).time_since_epoch()).count(),
        ++correlation);
  }
  HttpResponse details(const DetailsQuery& query) const {
    HttpResponse response;
    response.status = 200;
    const std::size_t first = std::size_t{query.page - 1} * query.page_size;
    std::size_t rows = 0;
    std::string page;
    for (const auto& [n, when] : history) {
      if (wall(when) < query.interval.from || wall(when) >= query.interval.to)
        continue;
      if (rows++ < first || rows > first + query.page_size)
        continue;
      page += fmt::format(
          R"({}{{"conversationId":"c{}","conversationStart":"{}","conversationEnd":"{}"}})",
          page.empty() ? "" : ",", n, format_time(wall(when)), format_time(wall(when + 60s)));
    }
    response.body = fmt::format(R"({{"conversations":[{}],"totalHits":{}}})", page, rows);
    return response;
  }

  Period first_outage{3h, 3h + 7min};
  Period second_outage{15h + 300s, 15h + 900s};
  std::map<ChannelNumber, Channel> channels;
  std::map<int, seconds> history;
  int token = 1;  ///< the only one that is valid
  mutable int correlation = 0;
};

/// What a shell would do: performs actions, with answers a second later.
class Day {
 public:
  Day() {
    coverage_.start(1, "restart", wall(0s));
    perform(machine_.on(input::Start{}, now()));
  }

  void run() {
    for (; now_ < kUntil; now_ += 1s) {
      if (now_ < kDay)
        serve();
      answer();
      if (const auto wake = machine_.wake_at(); wake && *wake <= now().steady)
        feed(input::Tick{});
      if (now_ % 10s == 0s && coverage_.covered())
        coverage_.confirm(wall(now_));
      backfill();
    }
  }

  Service service;
  std::map<int, int> delivered;  ///< event to how often
  std::map<int, int> recovered;
  std::vector<TimeWindow> lost;
  CoverageDays days;
  std::map<std::string, int> notes;
  std::map<std::string, int> causes;
  std::vector<SequenceNumber> numbers;
  std::size_t most_requests = 0;
  seconds break_backfill_from{kUntil};

 private:
  Now now() const { return now_at(now_); }
  void feed(const ChannelInput& input) { perform(machine_.on(input, now())); }
  void later(ChannelInput input, seconds delay = 1s) {
    pending_.emplace_back(now_ + delay, std::move(input));
  }

  /// The server's side of this second.
  void serve() {
    for (auto& [number, channel] : service.channels) {
      const bool gone = service.down(now_) || now_ >= channel.expires;
      if (channel.open && gone) {
        channel.open = false;
        // noticed by silence alone
        later(input::SocketDown{number, Fault(Stage::stream, FaultKind::timeout, 0, "silent")},
              40s);
        last_frame_[number] = now_ - 1s;
      }
    }
    const auto serving = machine_.serving();
    if (serving && (now_ == 6h || now_ == 18h)) {
      later(input::Told{*serving, Notice::Kind::socket_closing});
      closing_.emplace_back(now_ + 60s, *serving);
    }
    if (serving && now_ == 9h) {
      ++service.token;
      later(input::Told{*serving, Notice::Kind::token_revoked});
    }
    for (const seconds reload : {2h, 11h, 21h})
      if (now_ == reload)
        feed(input::Replace{"reload", true});
    while (!closing_.empty() && closing_.front().first <= now_) {
      cut(closing_.front().second);
      closing_.pop_front();
    }
    if (now_ % 3s != 0s)
      return;
    const int n = ++events_;
    service.history[n] = now_;
    for (const auto& [number, channel] : service.channels)
      if (channel.open && channel.subscribed)
        receive(n);
  }

  void cut(ChannelNumber number) {
    Service::Channel& channel = service.channels[number];
    if (!std::exchange(channel.open, false))
      return;
    last_frame_[number] = now_;
    later(input::SocketDown{number, Fault(Stage::stream, FaultKind::close_code, 1001, "")}, 0s);
  }

  void receive(int n) {
    const Padded padded(service.frame(n, now_));
    const Frame frame = protocol_.decode(padded.view());
    ASSERT_TRUE(std::holds_alternative<Event>(frame));
    const Event& event = std::get<Event>(frame);
    if (event.duplicate)
      return;
    ++delivered[n];
    numbers.push_back(event.number);
  }

  void answer() {
    std::deque<std::pair<seconds, ChannelInput>> due;
    std::swap(due, pending_);
    for (auto& [when, input] : due) {
      if (when > now_)
        pending_.emplace_back(when, std::move(input));
      else
        feed(arrive(std::move(input)));
    }
  }

  /// What an answer is by the time that it comes.
  ChannelInput arrive(ChannelInput input) {
    const Fault broken(Stage::connect, FaultKind::system, 111, "refused");
    const Fault unauthorized(Stage::subscribe, FaultKind::http_status, 401, "HTTP 401");
    if (auto* created = std::get_if<input::Created>(&input)) {
      if (service.down(now_) || token_ != service.token)
        return input::CallFailed{created->channel, service.down(now_) ? broken : unauthorized};
      service.channels[created->channel].expires = now_ + created->lifetime;
    } else if (auto* set = std::get_if<input::TopicsSet>(&input)) {
      if (service.down(now_) || token_ != service.token)
        return input::CallFailed{set->channel, service.down(now_) ? broken : unauthorized};
      service.channels[set->channel].subscribed = true;
      service.channels[set->channel].expires = now_ + 5h;
    } else if (auto* up = std::get_if<input::SocketUp>(&input)) {
      Service::Channel& channel = service.channels[up->channel];
      if (service.down(now_))
        return input::SocketDown{up->channel, broken};
      if (now_ >= channel.expires)
        return input::SocketDown{up->channel,
                                 Fault(Stage::upgrade, FaultKind::http_status, 404, "HTTP 404")};
      channel.open = true;
    } else if (std::holds_alternative<input::TokenReady>(input)) {
      token_ = service.token;
    }
    return input;
  }

  void perform(ChannelMachine::Actions actions) {
    for (const ChannelAction& action : actions)
      std::visit([this](const auto& one) { act(one); }, action);
  }
  void act(const action::Authorize&) { later(input::TokenReady{}); }
  void act(const action::DiscardToken&) { token_ = 0; }
  void act(const action::Create& one) { later(input::Created{one.channel, 5h}); }
  void act(const action::SetTopics& one) { later(input::TopicsSet{one.channel, 1}); }
  void act(const action::Renew& one) { later(input::TopicsSet{one.channel, 1}); }
  void act(const action::Connect& one) { later(input::SocketUp{one.channel}); }
  void act(const action::CloseSocket& one) { cut(one.channel); }
  void act(const action::Forget&) {}
  void act(const action::Cancel&) {}
  void act(const action::Live& one) { record(coverage_.live(0, one.channel, wall(now_))); }
  void act(const action::Lost& one) {
    const auto found = last_frame_.find(one.channel);
    coverage_.lost(0, one.channel, one.cause,
                   wall(found == last_frame_.end() ? now_ : found->second));
  }
  void act(const action::Note& one) {
    ++notes[one.record.type()];
    if (one.record.type() == "scheduling_reconnect")
      ++causes[nlohmann::json::parse("{" + one.record.fields().substr(1) + "}").at("cause")];
  }
  void act(const action::End&) { ADD_FAILURE() << "it ended"; }

  void record(const Coverage::Records& records) {
    for (const AuditRecord& one : records) {
      ++notes[one.type()];
      const auto fields = nlohmann::json::parse("{" + one.fields().substr(1) + "}");
      const TimeWindow window{*parse_time(fields.at("from").get<std::string>()),
                              *parse_time(fields.at("to").get<std::string>())};
      if (one.type() == "coverage_gap")
        days.gap(window);
      if (one.type() == "coverage_gap_filled")
        days.filled(window);
      if (one.type() == "events_lost")
        lost.push_back(window);
    }
  }

  void backfill() {
    const CoverageGap* gap = coverage_.due(wall(now_));
    if (!gap)
      return;
    if (!plan_) {
      BackfillOptions options;
      options.lookback = 1h;
      plan_.emplace(gap->window, options);
      fresh_ = 0;
    }
    while (const auto query = plan_->next()) {
      if (!budget_.take("a", RequestBudget::Urgency::background, now().steady))
        return;
      most_requests = std::max(most_requests, budget_.used(now().steady));
      HttpResponse response = service.details(*query);
      if (now_ >= break_backfill_from)
        response.status = 400;
      const auto records = plan_->take(response, wall(now_));
      if (!records) {
        const auto failure = judge_backfill(records.error());
        record(coverage_.failed(failure.cause, failure.for_good, wall(now_ + failure.retry_in),
                                wall(now_)));
        plan_.reset();
        return;
      }
      for (const RecoveredRecord& one : *records)
        take(one);
    }
    record(coverage_.filled(fresh_, wall(now_)));
    plan_.reset();
  }

  void take(const RecoveredRecord& one) {
    const auto numbered = numbers_.number_recovered(one.hash);
    if (numbered.duplicate)
      return;
    ++fresh_;
    numbers.push_back(numbered.number);
    const auto line = nlohmann::json::parse(one.line);
    ++recovered[std::stoi(line["conversation"]["conversationId"].get<std::string>().substr(1))];
  }

  static ChannelOptions options() {
    ChannelOptions options;
    options.reconnect.backoff = {1000ms, 60000ms, Jitter::none};
    options.reconnect.max_attempts = 0;
    options.renew_margin = 1h;
    return options;
  }

  seconds now_{0};
  ChannelMachine machine_{options(), 1};
  LocalNumbers numbers_;
  Notifications protocol_{numbers_};
  Coverage coverage_;
  RequestBudget budget_;
  std::optional<BackfillPlan> plan_;
  std::uint64_t fresh_ = 0;
  std::deque<std::pair<seconds, ChannelInput>> pending_;
  std::deque<std::pair<seconds, ChannelNumber>> closing_;
  std::map<ChannelNumber, seconds> last_frame_;
  int events_ = 0;
  int token_ = 0;
};

/// Events that are in none of: delivered, recovered, a recorded loss, before the first channel.
int unaccounted(const Day& day) {
  int count = 0;
  const int first = day.delivered.begin()->first;
  for (const auto& [n, when] : day.service.history) {
    bool known = n < first || day.delivered.contains(n) || day.recovered.contains(n);
    for (const TimeWindow& window : day.lost)
      known = known || (window.from <= wall(when) && wall(when) < window.to);
    count += known ? 0 : 1;
  }
  return count;
}

TEST(NotificationsDay, EveryEventIsDeliveredOnceLiveOrRecovered) {
  Day day;
  day.run();
  EXPECT_EQ(day.service.history.size(), 28800U);
  EXPECT_GT(day.delivered.size(), 28000U);
  for (const auto& [n, times] : day.delivered)
    ASSERT_EQ(times, 1) << n;
  for (const auto& [n, times] : day.recovered)
    ASSERT_EQ(times, 1) << n;
  EXPECT_EQ(unaccounted(day), 0);
  EXPECT_TRUE(day.lost.empty());
  for (std::size_t i = 0; i < day.numbers.size(); ++i)
    ASSERT_EQ(day.numbers[i], i + 1);
  EXPECT_LE(day.most_requests, 300U);
}

TEST(NotificationsDay, PlannedChangesMissNothing) {
  Day day;
  day.run();
  EXPECT_EQ(day.notes["coverage_gap"], 2) << "the two outages";
  EXPECT_EQ(day.causes["reload"], 3);
  EXPECT_EQ(day.causes["socket_closing"], 2);
  EXPECT_EQ(day.causes["token_revoked"], 1);
  EXPECT_GE(day.notes["channel_renewed"], 2);
  for (const auto& [n, when] : day.service.history)
    if (n > day.delivered.begin()->first && !Period{3h - 10s, 3h + 10min}.holds(when) &&
        !Period{15h + 290s, 15h + 20min}.holds(when)) {
      ASSERT_TRUE(day.delivered.contains(n)) << when.count();
    }
}

TEST(NotificationsDay, WhatCannotBeFilledInIsARecordedLoss) {
  Day day;
  day.break_backfill_from = 10h;
  day.run();
  EXPECT_EQ(day.lost.size(), 1U);
  EXPECT_EQ(unaccounted(day), 0);
  const auto days = day.days.days({wall(0s), wall(kDay)});
  std::chrono::microseconds missing{0};
  std::chrono::microseconds backfilled{0};
  for (const DayCoverage& one : days) {
    missing += one.missing;
    backfilled += one.backfilled;
  }
  EXPECT_GE(missing, 600s);
  EXPECT_LE(missing, 900s);
  EXPECT_GE(backfilled, 420s);
  EXPECT_LE(backfilled, 720s);
}

}  // namespace
}  // namespace gcstreamd
