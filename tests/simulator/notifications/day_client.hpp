// For tests: the daemon's decisions about channels, topics and events, with a simulated service and
// a clock in the place of sockets and timers.
//
// Ownership: borrows clock and service, which must outlive it. For one thread at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gcstreamd/core/channel_machine.hpp"
#include "gcstreamd/core/liveness.hpp"
#include "gcstreamd/core/topic_plan.hpp"
#include "simulator/notifications/day_backfill.hpp"
#include "simulator/notifications/day_desk.hpp"
#include "simulator/notifications/day_record.hpp"
#include "simulator/notifications/day_service.hpp"

namespace gcstream_sim {

class DayClient {
 public:
  DayClient(const DayClock& clock, DayService& service, core::TopicRules rules);

  // What is due by now. Calls and connections take a second.
  void live_on();
  void reload();
  const DayRecord& record();

 private:
  class Ear;
  struct Channel {
    core::ChannelGrant grant;
    std::vector<std::string> asked;  // topics
    std::vector<std::string> permitted;
    std::shared_ptr<Ear> ear;  // null: no open socket
    std::optional<core::Liveness> liveness;
    core::WallTime last_frame;
    bool progressed = false;
  };
  using Entries = std::vector<core::DirectoryPage::Entry>;
  using Answer = DayDesk::Answer;

  void later(std::function<void()> what, std::chrono::seconds delay = std::chrono::seconds(1));
  void run_due();
  void feed(const core::ChannelInput& input);
  // Of the group's channels, once the budget allows it.
  void call(const std::function<core::HttpRequest()>& make,
            const std::function<void(const Answer&)>& done);

  void act(const core::action::Authorize&);
  void act(const core::action::DiscardToken&);
  void act(const core::action::Create& create);
  void act(const core::action::SetTopics& set);
  void act(const core::action::Renew& renew);
  void act(const core::action::Connect& connect);
  void act(const core::action::CloseSocket& close);
  void act(const core::action::Forget& forget);
  void act(const core::action::Live& live);
  void act(const core::action::Lost& lost);
  void act(const core::action::Muted&);
  void act(const core::action::Cancel&) {}
  void act(const core::action::Note& note);
  void act(const core::action::End&);

  void on_created(core::ChannelNumber number, const Answer& answer);
  void set_topics_of(core::ChannelNumber number);
  void on_topics(core::ChannelNumber number, const Answer& answer);
  void open(core::ChannelNumber number);
  void hang_up(Channel& channel);
  void watch();
  void check(core::ChannelNumber number, Channel& channel);

  // What the ears hear.
  void on_frame(core::ChannelNumber number, const std::string& frame);
  void on_event(Channel& channel, const core::Event& event);
  void on_close(core::ChannelNumber number, std::uint16_t code);

  void list_if_due();
  std::optional<Entries> list(core::DirectoryKind kind);
  Answer ask_in_background(const std::function<core::HttpRequest()>& make);
  void plan(const Entries& queues, const Entries& users);
  void count_channels();

  const DayClock& clock_;
  DayService& service_;
  core::TopicRules rules_;
  DayDesk desk_;
  DayRecord record_;
  core::LocalNumbers numbers_;
  core::Notifications protocol_{numbers_};
  DayBackfill backfill_;
  core::ChannelMachine machine_;
  core::TopicGroups groups_;
  core::RejectedTopics rejected_;
  std::map<core::ChannelNumber, Channel> channels_;
  std::multimap<std::chrono::seconds, std::function<void()>> pending_;
  std::chrono::seconds list_at_{0};
  bool planned_ = false;
};

}  // namespace gcstream_sim
