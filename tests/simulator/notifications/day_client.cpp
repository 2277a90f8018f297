#include "simulator/notifications/day_client.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "unit/helpers/padded.hpp"

namespace gcstream_sim {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
namespace action = core::action;
namespace input = core::input;

constexpr seconds kIdle{40};
constexpr seconds kListEach{300};
constexpr seconds kConfirmEach{10};

core::ChannelOptions options() {
  core::ChannelOptions options;
  options.reconnect.max_attempts = 0;
  options.renew_margin = hours(1);
  return options;
}

core::Fault ended(core::FaultKind kind, int code, std::string words) {
  return {core::Stage::stream, kind, code, std::move(words)};
}

}  // namespace

// One open socket.
class DayClient::Ear final : public Listener {
 public:
  Ear(DayClient& client, core::ChannelNumber number) : client_(client), number_(number) {}

  void hear(const Delivery& message) override { client_.on_frame(number_, *message.event); }
  void hang_up(const CloseOrder& order) override { client_.on_close(number_, order.code); }

 private:
  DayClient& client_;
  core::ChannelNumber number_;
};

DayClient::DayClient(const DayClock& clock, DayService& service, core::TopicRules rules)
    : clock_(clock),
      service_(service),
      rules_(std::move(rules)),
      desk_(clock, service),
      backfill_(clock, desk_, numbers_, record_),
      machine_(options(), 1) {}

void DayClient::live_on() {
  run_due();
  if (const auto wake = machine_.wake_at(); wake && *wake <= clock_.steady()) {
    feed(input::Tick{});
  }
  watch();
  list_if_due();
  if (clock_.now % kConfirmEach == seconds(0) && backfill_.coverage().covered()) {
    backfill_.coverage().confirm(clock_.micros());
  }
  backfill_.live_on();
}

void DayClient::reload() {
  feed(input::Replace{"reload", true});
}

const DayRecord& DayClient::record() {
  record_.waits = desk_.waits();
  return record_;
}

void DayClient::later(std::function<void()> what, seconds delay) {
  pending_.emplace(clock_.now + delay, std::move(what));
}

void DayClient::run_due() {
  while (!pending_.empty() && pending_.begin()->first <= clock_.now) {
    const auto due = pending_.extract(pending_.begin());
    due.mapped()();
  }
}

void DayClient::feed(const core::ChannelInput& input) {
  for (const core::ChannelAction& action : machine_.on(input, clock_.both())) {
    std::visit([this](const auto& one) { act(one); }, action);
  }
}

void DayClient::call(const std::function<core::HttpRequest()>& make,
                     const std::function<void(const Answer&)>& done) {
  if (!desk_.may_ask("day/0", DayDesk::Urgency::live)) {
    return later([this, make, done] { call(make, done); });
  }
  later([done, answer = desk_.ask(make())] { done(answer); });
}

void DayClient::act(const action::Authorize&) {
  later([this] {
    if (const auto fault = desk_.want_token()) {
      feed(input::TokenFailed{*fault});
    } else {
      feed(input::TokenReady{});
    }
  });
}

void DayClient::act(const action::DiscardToken&) {
  desk_.discard_token();
}

void DayClient::act(const action::Create& create) {
  call([this] { return core::create_channel(kApiUrl, desk_.token()); },
       [this, number = create.channel](const Answer& answer) { on_created(number, answer); });
}

void DayClient::on_created(core::ChannelNumber number, const Answer& answer) {
  if (!answer) {
    return feed(input::CallFailed{number, answer.error()});
  }
  const auto grant = core::parse_channel(*answer, clock_.micros());
  if (!grant) {
    return feed(input::CallFailed{number, grant.error()});
  }
  channels_[number].grant = *grant;
  feed(input::Created{number, grant->lifetime});
}

void DayClient::act(const action::SetTopics& set) {
  set_topics_of(set.channel);
}

void DayClient::act(const action::Renew& renew) {
  set_topics_of(renew.channel);
}

void DayClient::set_topics_of(core::ChannelNumber number) {
  call(
      [this, number] {
        Channel& channel = channels_[number];
        channel.asked = groups_.group(0);
        return core::set_topics(kApiUrl, desk_.token(), channel.grant.id, channel.asked);
      },
      [this, number](const Answer& answer) { on_topics(number, answer); });
}

void DayClient::on_topics(core::ChannelNumber number, const Answer& answer) {
  if (!answer) {
    return feed(input::CallFailed{number, answer.error()});
  }
  Channel& channel = channels_[number];
  const auto judged = core::parse_subscription(*answer, channel.asked, clock_.micros());
  if (!judged) {
    return feed(input::CallFailed{number, judged.error()});
  }
  for (const core::AuditRecord& one : rejected_.update(channel.asked, *judged)) {
    record_.tell(one);
  }
  channel.permitted = judged->permitted;
  feed(input::TopicsSet{number, judged->permitted.size()});
}

void DayClient::act(const action::Connect& connect) {
  later([this, number = connect.channel] { open(number); });
}

void DayClient::open(core::ChannelNumber number) {
  Channel& channel = channels_[number];
  const auto ear = std::make_shared<Ear>(*this, number);
  if (const auto fault = service_.connect(channel.grant.connect_uri, ear)) {
    return feed(input::SocketDown{number, *fault});
  }
  channel.ear = ear;
  channel.liveness.emplace(kIdle, clock_.steady());
  channel.last_frame = clock_.micros();
  channel.progressed = false;
  feed(input::SocketUp{number});
}

void DayClient::hang_up(Channel& channel) {
  if (const auto ear = std::exchange(channel.ear, nullptr)) {
    service_.disconnect(*ear);
  }
}

void DayClient::act(const action::CloseSocket& close) {
  hang_up(channels_[close.channel]);
  later([this, number = close.channel] {
    feed(input::SocketDown{number, ended(core::FaultKind::cancelled, 0, "")});
  });
}

void DayClient::act(const action::Forget& forget) {
  hang_up(channels_[forget.channel]);
  channels_.erase(forget.channel);
}

void DayClient::act(const action::Live& live) {
  for (const std::string& topic : channels_[live.channel].permitted) {
    record_.heard_since.emplace(topic, clock_.micros());
  }
  backfill_.tell(backfill_.coverage().live(0, live.channel, clock_.micros()));
  for (auto& [number, channel] : channels_) {
    if (number != live.channel && channel.ear) {
      service_.ping(*channel.ear);
    }
  }
}

void DayClient::act(const action::Muted&) {
  backfill_.tell(backfill_.coverage().drop(0, clock_.micros()));
}

void DayClient::act(const action::Lost& lost) {
  backfill_.tell(
      backfill_.coverage().lost(0, lost.channel, lost.cause, channels_[lost.channel].last_frame));
}

void DayClient::act(const action::Note& note) {
  record_.tell(note.record);
  if (!note.reconnect_cause.empty()) {
    ++record_.reconnect_causes[note.reconnect_cause];
  }
}

void DayClient::act(const action::End&) {
  record_.ended = true;
}

void DayClient::watch() {
  for (auto& [number, channel] : channels_) {
    if (channel.ear && channel.liveness->next_check() <= clock_.steady()) {
      check(number, channel);
    }
  }
}

void DayClient::check(core::ChannelNumber number, Channel& channel) {
  switch (channel.liveness->check(clock_.steady())) {
    case core::Liveness::Verdict::alive:
      return;
    case core::Liveness::Verdict::ping:
      return service_.ping(*channel.ear);
    case core::Liveness::Verdict::dead:
      hang_up(channel);
      return later(
          [this, number] {
            feed(input::SocketDown{number, ended(core::FaultKind::timeout, 0, "silent")});
          },
          seconds(0));
  }
}

void DayClient::on_frame(core::ChannelNumber number, const std::string& text) {
  Channel& channel = channels_.at(number);
  channel.last_frame = clock_.micros();
  channel.liveness->on_frame(clock_.steady());
  const core::Padded padded(text);
  const core::Frame frame = protocol_.decode(padded.view());
  if (const auto* event = std::get_if<core::Event>(&frame)) {
    on_event(channel, *event);
  } else if (!std::holds_alternative<core::Heartbeat>(frame)) {
    ++record_.strange;
  } else if (machine_.serving() != number) {
    later([this] { feed(input::OldHeard{}); }, seconds(0));
  }
  if (const auto notice = protocol_.take_notice()) {
    later([this, number, kind = notice->kind] { feed(input::Told{number, kind}); }, seconds(0));
  }
}

void DayClient::on_event(Channel& channel, const core::Event& event) {
  if (event.duplicate) {
    ++record_.duplicates;
    return;
  }
  ++record_.delivered[key_of_event(event.line)];
  record_.numbers.push_back(event.number);
  if (!std::exchange(channel.progressed, true)) {
    later([this] { feed(input::Progress{}); }, seconds(0));
  }
}

void DayClient::on_close(core::ChannelNumber number, std::uint16_t code) {
  channels_.at(number).ear.reset();
  later(
      [this, number, code] {
        feed(input::SocketDown{number, ended(core::FaultKind::close_code, code, "")});
      },
      seconds(0));
}

// Queues and users, as the rules want them, and then what topics that makes.
void DayClient::list_if_due() {
  if (clock_.now < list_at_) {
    return;
  }
  list_at_ = clock_.now + seconds(10);  // where it fails
  const auto queues = list(core::DirectoryKind::queues);
  const auto users = queues ? list(core::DirectoryKind::users) : std::nullopt;
  if (!users) {
    return;
  }
  list_at_ = clock_.now + kListEach;
  plan(*queues, *users);
  count_channels();
}

std::optional<DayClient::Entries> DayClient::list(core::DirectoryKind kind) {
  Entries entries;
  for (unsigned number = 1;; ++number) {
    const Answer answer = ask_in_background(
        [&] { return core::list_directory(kApiUrl, desk_.token(), kind, number); });
    const auto page = answer ? core::parse_directory(*answer, number, clock_.micros())
                             : core::Outcome<core::DirectoryPage>(answer.error());
    if (!page) {
      if (core::disposition(page.error()) == core::Disposition::refresh_token) {
        desk_.discard_token();
      }
      return std::nullopt;
    }
    entries.insert(entries.end(), page->entries.begin(), page->entries.end());
    if (page->last) {
      return entries;
    }
  }
}

DayClient::Answer DayClient::ask_in_background(const std::function<core::HttpRequest()>& make) {
  if (auto fault = desk_.want_token()) {
    return *std::move(fault);
  }
  if (!desk_.may_ask("day/topics", DayDesk::Urgency::background)) {
    return ended(core::FaultKind::timeout, 0, "the budget is used up");
  }
  return desk_.ask(make());
}

void DayClient::plan(const Entries& queues, const Entries& users) {
  const auto update = groups_.assign(core::expand(rules_, queues, users));
  if (update.changed.empty()) {
    return;
  }
  if (std::exchange(planned_, true)) {
    return feed(input::Replace{"topics"});
  }
  backfill_.coverage().start(groups_.size(), "restart", clock_.micros());
  feed(input::Start{});
}

void DayClient::count_channels() {
  const Answer answer =
      ask_in_background([this] { return core::list_channels(kApiUrl, desk_.token()); });
  if (!answer) {
    return;
  }
  if (const auto count = core::parse_channel_count(*answer, clock_.micros())) {
    record_.most_channels = std::max(record_.most_channels, *count);
  }
}

}  // namespace gcstream_sim
