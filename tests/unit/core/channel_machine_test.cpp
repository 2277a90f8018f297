#include "gcstreamd/core/channel_machine.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;

/// An action in a few words.
struct Words {
  std::string operator()(const action::Authorize&) const { return "authorize"; }
  std::string operator()(const action::DiscardToken&) const { return "discard token"; }
  std::string operator()(const action::Create& one) const { return with("create", one.channel); }
  std::string operator()(const action::SetTopics& one) const { return with("topics", one.channel); }
  std::string operator()(const action::Renew& one) const { return with("renew", one.channel); }
  std::string operator()(const action::Connect& one) const { return with("connect", one.channel); }
  std::string operator()(const action::CloseSocket& one) const {
    return with("close", one.channel);
  }
  std::string operator()(const action::Forget& one) const { return with("forget", one.channel); }
  std::string operator()(const action::Live& one) const { return with("live", one.channel); }
  std::string operator()(const action::Lost& one) const {
    return with("lost", one.channel) + " " + one.cause;
  }
  std::string operator()(const action::Muted&) const { return "muted"; }
  std::string operator()(const action::Cancel&) const { return "cancel"; }
  std::string operator()(const action::Note& note) const {
    return note.record.type() + note.record.fields();
  }
  std::string operator()(const action::End& end) const {
    return fmt::format("end {}", static_cast<int>(end.code));
  }
  static std::string with(std::string_view word, ChannelNumber channel) {
    return fmt::format("{} {}", word, channel);
  }
};

std::string scheduling(unsigned attempt, unsigned delay_ms, std::string_view cause) {
  return fmt::format(R"(scheduling_reconnect,"attempt":{},"delayMs":{},"cause":"{}")", attempt,
                     delay_ms, cause);
}
/// A replacement that is begun at once.
std::string replacing(std::string_view cause) {
  return scheduling(0, 0, cause) + " | authorize";
}
std::string opened(std::string_view expires = "2026-11-24T18:44:55") {
  return fmt::format(R"(channel_opened,"topics":3,"expires":"{}.000000Z")", expires);
}

const Fault kServerDown(Stage::subscribe, FaultKind::http_status, 503, "HTTP 503");
const Fault kUnauthorized(Stage::subscribe, FaultKind::http_status, 401, "HTTP 401");
const Fault kNoChannel(Stage::subscribe, FaultKind::http_status, 404, "HTTP 404");
const Fault kForbidden(Stage::upgrade, FaultKind::http_status, 401, "HTTP 401");
const Fault kGoingAway(Stage::stream, FaultKind::close_code, 1001, "going away");
const Fault kDisplaced(Stage::stream, FaultKind::close_code, 4000, "displaced");
const Fault kRefused(Stage::oauth, FaultKind::http_status, 401, "HTTP 401");
const Fault kOurs(Stage::stream, FaultKind::cancelled, 0, "");

ChannelOptions plain(unsigned max_attempts = 10) {
  ChannelOptions options;
  options.reconnect.backoff = {1000ms, 60000ms, Jitter::none};
  options.reconnect.max_attempts = max_attempts;
  return options;
}

class ChannelMachineTest : public testing::Test {
 protected:
  /// Feeds one input and returns the actions, ` | ` between them.
  std::string feed(const ChannelInput& input, std::chrono::milliseconds when = 0ms) {
    std::string text;
    for (const ChannelAction& action : machine_.on(input, now_at(when)))
      text += (text.empty() ? "" : " | ") + std::visit(Words{}, action);
    return text;
  }
  std::string down(ChannelNumber channel, const Fault& fault,
                   std::chrono::milliseconds when = 0ms) {
    return feed(input::SocketDown{channel, fault}, when);
  }
  std::string failed(ChannelNumber channel, const Fault& fault,
                     std::chrono::milliseconds when = 0ms) {
    return feed(input::CallFailed{channel, fault}, when);
  }
  std::string told(ChannelNumber channel, Notice::Kind what, std::chrono::milliseconds when = 0ms) {
    return feed(input::Told{channel, what}, when);
  }
  std::string tick(std::chrono::milliseconds when) { return feed(input::Tick{}, when); }
  ChannelState state() const { return machine_.state(); }
  std::chrono::milliseconds wake() const {
    return machine_.wake_at() ? std::chrono::duration_cast<std::chrono::milliseconds>(
                                    *machine_.wake_at() - at(0ms))
                              : -1ms;
  }

  /// From `authorizing` to an open socket; returns what the last input led to.
  std::string connect(ChannelNumber channel, std::chrono::milliseconds when = 0ms) {
    feed(input::TokenReady{}, when);
    feed(input::Created{channel, 24h}, when);
    feed(input::TopicsSet{channel, 3}, when);
    return feed(input::SocketUp{channel}, when);
  }
  void go_live(ChannelNumber channel = 1) {
    feed(input::Start{});
    connect(channel);
    ASSERT_EQ(state(), ChannelState::live);
  }

  ChannelMachine machine_{plain(), 1};
};

TEST_F(ChannelMachineTest, AChannelIsCreatedSubscribedAndConnected) {
  EXPECT_EQ(feed(input::Start{}), "authorize");
  EXPECT_EQ(feed(input::TokenReady{}), "create 1");
  EXPECT_EQ(feed(input::Created{1, 24h}), "topics 1");
  EXPECT_EQ(feed(input::TopicsSet{1, 3}), "connect 1");
  EXPECT_EQ(feed(input::SocketUp{1}), "live 1 | " + opened());
  EXPECT_EQ(state(), ChannelState::live);
  EXPECT_EQ(machine_.serving(), 1U);
  EXPECT_EQ(wake(), 12h);
}

TEST_F(ChannelMachineTest, ItIsRenewedWellBeforeItExpires) {
  go_live();
  EXPECT_EQ(tick(12h - 1ms), "");
  EXPECT_EQ(tick(12h), "renew 1");
  EXPECT_EQ(tick(12h), "") << "one renewal at a time";
  EXPECT_EQ(feed(input::TopicsSet{1, 2}, 12h + 1s),
            R"(channel_renewed,"topics":2,"expires":"2026-11-25T06:44:56.000000Z")");
  EXPECT_EQ(wake(), 24h + 1s);
}

TEST_F(ChannelMachineTest, AShortLifeIsRenewedHalfway) {
  feed(input::Start{});
  feed(input::TokenReady{});
  feed(input::Created{1, 600s});
  feed(input::TopicsSet{1, 3});
  feed(input::SocketUp{1});
  EXPECT_EQ(wake(), 300s);
}

TEST_F(ChannelMachineTest, ARenewalThatFailsIsTriedAgainThenReplaced) {
  go_live();
  tick(12h);
  EXPECT_EQ(failed(1, kServerDown, 12h), "");
  EXPECT_EQ(wake(), 12h + 1s);
  EXPECT_EQ(tick(12h + 1s), "renew 1");
  EXPECT_EQ(wake(), 18h) << "an answer that never comes";
  EXPECT_EQ(tick(18h), scheduling(1, 0, "renewal") + " | authorize");
  EXPECT_EQ(machine_.serving(), 1U);
}

TEST_F(ChannelMachineTest, ARenewalHonoursRetryAfterAndRefreshesARefusedToken) {
  go_live();
  tick(12h);
  Fault busy(Stage::subscribe, FaultKind::http_status, 429, "HTTP 429");
  busy.retry_after = 90s;
  EXPECT_EQ(failed(1, busy, 12h), "");
  EXPECT_EQ(wake(), 12h + 90s);
  tick(12h + 90s);
  EXPECT_EQ(failed(1, kUnauthorized, 12h + 90s), "discard token");
}

TEST_F(ChannelMachineTest, AChannelThatIsGoneAtItsRenewalIsReplaced) {
  go_live();
  tick(12h);
  EXPECT_EQ(failed(1, kNoChannel, 12h), scheduling(1, 0, "renewal") + " | authorize");
}

TEST_F(ChannelMachineTest, ThePlannedChangeIsMadeBeforeTheBreak) {
  go_live();
  EXPECT_EQ(feed(input::Replace{"topics"}), replacing("topics"));
  EXPECT_EQ(feed(input::TokenReady{}), "create 2");
  EXPECT_EQ(feed(input::Created{2, 24h}), "topics 2");
  EXPECT_EQ(machine_.serving(), 1U);
  EXPECT_EQ(feed(input::TopicsSet{2, 3}), "connect 2");
  EXPECT_EQ(feed(input::SocketUp{2}), "live 2 | " + opened());
  EXPECT_EQ(state(), ChannelState::draining);
  EXPECT_EQ(machine_.serving(), 2U);
  EXPECT_EQ(feed(input::OldHeard{}, 1s), "");
  EXPECT_EQ(tick(4999ms), "");
  EXPECT_EQ(tick(5s), "close 1 | lost 1 replaced | forget 1");
  EXPECT_EQ(state(), ChannelState::live);
  EXPECT_EQ(down(1, kOurs, 5s), "");
}

TEST_F(ChannelMachineTest, TheOldChannelIsReadUntilItAnswers) {
  go_live();
  feed(input::Replace{"topics"});
  connect(2);
  EXPECT_EQ(wake(), 45s) << "the overlap and the patience";
  EXPECT_EQ(tick(5s), "");
  EXPECT_EQ(feed(input::OldHeard{}, 7s), "close 1 | lost 1 replaced | forget 1");
}

TEST_F(ChannelMachineTest, AnOldChannelThatIsSilentIsGivenUp) {
  go_live();
  feed(input::Replace{"topics"});
  connect(2);
  EXPECT_EQ(tick(45s), "close 1 | lost 1 replaced | forget 1");
}

TEST_F(ChannelMachineTest, AServerThatEndsEachNewChannelGetsThemOneAfterAWait) {
  go_live();
  EXPECT_EQ(told(1, Notice::Kind::no_longer_subscribed, 1s),
            R"(channel_closing,"cause":"no_longer_subscribed" | lost 1 no_longer_subscribed | )" +
                scheduling(1, 1000, "no_longer_subscribed"));
  EXPECT_EQ(machine_.serving(), 1U);
  EXPECT_EQ(tick(2s), "authorize");
  connect(2, 2s);
  EXPECT_THAT(told(2, Notice::Kind::no_longer_subscribed, 3s),
              testing::HasSubstr(scheduling(2, 2000, "no_longer_subscribed")));
}

TEST_F(ChannelMachineTest, ARenewalWithoutAnyPermittedTopicIsSilence) {
  go_live();
  tick(12h);
  EXPECT_EQ(feed(input::TopicsSet{1, 0}, 12h),
            "close 1 | lost 1 no_topic_permitted | forget 1 | muted | " +
                scheduling(0, 300000, "no_topic_permitted"));
  EXPECT_EQ(machine_.serving(), std::nullopt);
}

TEST_F(ChannelMachineTest, AGroupInCompanyDoesNotGiveUp) {
  machine_.configure(plain(1));
  machine_.surround(/*in_company=*/true, /*granted=*/true);
  feed(input::Start{});
  feed(input::TokenReady{});
  failed(1, kServerDown);
  tick(1s);
  feed(input::TokenReady{}, 1s);
  EXPECT_EQ(failed(2, kServerDown, 1s), "forget 2 | " + scheduling(2, 2000, "subscribe_http_503"));
}

TEST_F(ChannelMachineTest, ARenewalEndsWhereAReplacementBegins) {
  go_live();
  tick(12h);
  EXPECT_TRUE(machine_.renews(1));
  feed(input::Replace{"reload"}, 12h);
  EXPECT_FALSE(machine_.renews(1));
  EXPECT_EQ(feed(input::TokenReady{}, 12h), "create 2");
}

TEST_F(ChannelMachineTest, WhatWasUsedUpInCompanyCountsAnewWithoutIt) {
  machine_.configure(plain(2));
  machine_.surround(/*in_company=*/true, /*granted=*/true);
  feed(input::Start{});
  for (ChannelNumber i = 1; i <= 4; ++i) {
    feed(input::TokenReady{});
    failed(i, kServerDown);
    tick(i * 1h);
  }
  machine_.surround(/*in_company=*/false, true);
  feed(input::TokenReady{});
  EXPECT_THAT(failed(5, kServerDown, 5h),
              testing::EndsWith(scheduling(1, 1000, "subscribe_http_503")));
  tick(6h);
  feed(input::TokenReady{});
  failed(6, kServerDown, 6h);
  tick(7h);
  feed(input::TokenReady{});
  EXPECT_THAT(failed(7, kServerDown, 7h), testing::EndsWith("end 69"));
}

TEST_F(ChannelMachineTest, TopicsThatChangedWhileTheyWereJudgedAreAskedForAtOnce) {
  feed(input::Start{});
  feed(input::TokenReady{});
  feed(input::Created{1, 24h});
  feed(input::Replace{"topics"});
  EXPECT_EQ(feed(input::TopicsSet{1, 0}), "forget 1 | authorize");
}

TEST_F(ChannelMachineTest, AMutedGroupTakesUpOtherTopicsAtOnce) {
  feed(input::Start{});
  feed(input::TokenReady{});
  feed(input::Created{1, 24h});
  feed(input::TopicsSet{1, 0});
  EXPECT_EQ(feed(input::Replace{"topics"}), "authorize");
}

TEST_F(ChannelMachineTest, ADeafChannelIsLeftWhereNothingElseIsPermitted) {
  go_live();
  told(1, Notice::Kind::token_revoked, 60s);
  EXPECT_FALSE(machine_.hears());
  feed(input::TokenReady{}, 60s);
  feed(input::Created{2, 24h}, 60s);
  EXPECT_EQ(feed(input::TopicsSet{2, 0}, 60s), "forget 2 | close 1 | forget 1 | muted | " +
                                                   scheduling(0, 300000, "no_topic_permitted"));
  EXPECT_TRUE(machine_.muted());
}

TEST_F(ChannelMachineTest, TheOldChannelServesAgainWhereTheNewOneHearsNothing) {
  go_live();
  feed(input::Replace{"topics"});
  connect(2);
  EXPECT_EQ(machine_.doubtful(), 1U);
  EXPECT_EQ(told(2, Notice::Kind::no_longer_subscribed, 1s),
            R"(channel_closing,"cause":"no_longer_subscribed" | lost 2 no_longer_subscribed | )"
            "close 2 | forget 2 | " +
                scheduling(1, 1000, "no_longer_subscribed"));
  EXPECT_EQ(machine_.serving(), 1U);
  EXPECT_TRUE(machine_.hears());
  EXPECT_EQ(tick(2s), "authorize");
}

TEST_F(ChannelMachineTest, TheServersNoticeIsAPlannedChange) {
  go_live();
  EXPECT_EQ(told(1, Notice::Kind::socket_closing, 60s),
            R"(channel_closing,"cause":"socket_closing" | )" + replacing("socket_closing"));
  EXPECT_EQ(connect(2), "live 2 | " + opened());
  EXPECT_EQ(down(1, kGoingAway), "lost 1 close_1001 | forget 1");
  EXPECT_EQ(state(), ChannelState::live);
}

TEST_F(ChannelMachineTest, ARevokedTokenIsNotUsedAgainAndItsChannelCountsAsDeaf) {
  go_live();
  EXPECT_EQ(told(1, Notice::Kind::token_revoked, 60s),
            R"(channel_closing,"cause":"token_revoked" | discard token | lost 1 token_revoked | )" +
                replacing("token_revoked"));
  EXPECT_EQ(connect(2, 60s), "live 2 | " + opened("2026-11-24T18:45:55") + " | close 1 | forget 1");
  EXPECT_EQ(state(), ChannelState::live);
}

TEST_F(ChannelMachineTest, AChannelThatHearsNothingIsLostAtOnce) {
  go_live();
  EXPECT_EQ(told(1, Notice::Kind::no_longer_subscribed, 60s),
            R"(channel_closing,"cause":"no_longer_subscribed" | lost 1 no_longer_subscribed | )" +
                replacing("no_longer_subscribed"));
  EXPECT_EQ(connect(2), "live 2 | " + opened() + " | close 1 | forget 1");
  EXPECT_EQ(state(), ChannelState::live);
}

TEST_F(ChannelMachineTest, ADeafChannelThatEndsIsNotLostTwice) {
  go_live();
  told(1, Notice::Kind::no_longer_subscribed, 60s);
  EXPECT_EQ(down(1, kGoingAway), "forget 1");
  EXPECT_EQ(connect(2), "live 2 | " + opened());
}

TEST_F(ChannelMachineTest, OtherNoticesAndThoseOfOldChannelsChangeNothing) {
  go_live();
  EXPECT_EQ(told(1, Notice::Kind::other), "");
  EXPECT_EQ(told(7, Notice::Kind::token_revoked), "");
}

TEST_F(ChannelMachineTest, ABrokenLineIsConnectedToTheSameChannel) {
  go_live();
  EXPECT_EQ(down(1, kGoingAway, 10s), "lost 1 close_1001 | " + scheduling(1, 1000, "close_1001"));
  EXPECT_EQ(machine_.serving(), std::nullopt);
  EXPECT_EQ(wake(), 11s);
  EXPECT_EQ(tick(11s), "connect 1");
  EXPECT_EQ(feed(input::SocketUp{1}, 11s), "live 1 | " + opened());
  EXPECT_EQ(wake(), 12h) << "it lives no longer for that";
}

TEST_F(ChannelMachineTest, AChannelThatCannotBeConnectedToIsGivenUp) {
  go_live();
  down(1, kGoingAway);
  tick(1s);
  down(1, kGoingAway, 1s);
  tick(3s);
  down(1, kGoingAway, 3s);
  tick(7s);
  EXPECT_EQ(down(1, kGoingAway, 7s), "forget 1 | " + scheduling(4, 8000, "close_1001"));
  EXPECT_EQ(tick(15s), "authorize");
}

TEST_F(ChannelMachineTest, AChannelThatIsGoneIsMadeAnew) {
  go_live();
  down(1, kGoingAway);
  tick(1s);
  EXPECT_EQ(down(1, kForbidden, 1s), "forget 1 | " + scheduling(2, 2000, "upgrade_http_401"));
  EXPECT_EQ(tick(3s), "authorize");
  EXPECT_EQ(feed(input::TokenReady{}, 3s), "create 2");
}

TEST_F(ChannelMachineTest, ADisplacedChannelIsNotFoughtFor) {
  go_live();
  EXPECT_EQ(down(1, kDisplaced, 10s),
            "lost 1 close_4000 | forget 1 | " + scheduling(1, 1000, "close_4000"));
  EXPECT_EQ(tick(11s), "authorize");
}

TEST_F(ChannelMachineTest, TheOldOneServesUntilTheNewOneComesThrough) {
  go_live();
  feed(input::Replace{"reload"});
  feed(input::TokenReady{});
  EXPECT_EQ(failed(2, kServerDown), "forget 2 | " + scheduling(1, 1000, "subscribe_http_503"));
  EXPECT_EQ(machine_.serving(), 1U);
  EXPECT_EQ(state(), ChannelState::waiting);
  EXPECT_EQ(tick(1s), "authorize");
  EXPECT_EQ(connect(3, 1s), "live 3 | " + opened("2026-11-24T18:44:56"));
}

TEST_F(ChannelMachineTest, TheOldOneMayEndBeforeTheNewOneIsThere) {
  go_live();
  feed(input::Replace{"reload"});
  EXPECT_EQ(down(1, kGoingAway), "lost 1 close_1001 | forget 1");
  EXPECT_EQ(state(), ChannelState::authorizing);
  EXPECT_EQ(connect(2), "live 2 | " + opened());
  EXPECT_EQ(state(), ChannelState::live);
}

TEST_F(ChannelMachineTest, ANewOneThatEndsWithinTheOverlapLeavesTheOldOne) {
  go_live();
  feed(input::Replace{"reload"});
  connect(2);
  EXPECT_EQ(down(2, kDisplaced, 1s),
            "lost 2 close_4000 | forget 2 | " + scheduling(1, 1000, "close_4000"));
  EXPECT_EQ(machine_.serving(), 1U);
  EXPECT_EQ(tick(2s), "authorize");
}

TEST_F(ChannelMachineTest, AChangeDuringAnAttemptIsMadeAfterIt) {
  feed(input::Start{});
  feed(input::TokenReady{});
  feed(input::Created{1, 24h});
  EXPECT_EQ(feed(input::Replace{"topics"}), "");
  feed(input::TopicsSet{1, 3});
  EXPECT_EQ(feed(input::SocketUp{1}), "live 1 | " + opened() + " | " + replacing("topics"));
}

TEST_F(ChannelMachineTest, AChangeDuringTheOverlapIsMadeAfterIt) {
  go_live();
  feed(input::Replace{"topics"});
  connect(2);
  EXPECT_EQ(feed(input::Replace{"token"}), "");
  feed(input::OldHeard{});
  EXPECT_EQ(tick(5s), "close 1 | lost 1 replaced | forget 1 | " + replacing("token"));
  EXPECT_EQ(machine_.serving(), 2U);
}

TEST_F(ChannelMachineTest, AWaitIsEndedOnlyByWhatMayHelp) {
  go_live();
  down(1, kDisplaced);
  EXPECT_EQ(feed(input::Replace{"topics"}), "");
  EXPECT_EQ(state(), ChannelState::waiting);
  EXPECT_EQ(feed(input::Replace{"reload", true}), "authorize");
}

TEST_F(ChannelMachineTest, AChangeMakesABrokenChannelANewOne) {
  go_live();
  down(1, kGoingAway);
  EXPECT_EQ(feed(input::Replace{"topics"}), "forget 1");
  EXPECT_EQ(tick(1s), "authorize");
}

TEST_F(ChannelMachineTest, A429IsWaitedForAsAsked) {
  feed(input::Start{});
  feed(input::TokenReady{});
  Fault busy(Stage::subscribe, FaultKind::http_status, 429, "HTTP 429");
  busy.retry_after = 40s;
  EXPECT_EQ(failed(1, busy), "forget 1 | " + scheduling(1, 40000, "subscribe_http_429"));
  EXPECT_EQ(tick(39s), "");
  EXPECT_EQ(tick(40s), "authorize");
}

TEST_F(ChannelMachineTest, ARefusedTokenIsDiscarded) {
  feed(input::Start{});
  feed(input::TokenReady{});
  EXPECT_EQ(failed(1, kUnauthorized),
            "forget 1 | discard token | " + scheduling(1, 1000, "subscribe_http_401"));
}

TEST_F(ChannelMachineTest, WhereNothingIsPermittedItIsAskedForAgainNowAndThen) {
  feed(input::Start{});
  feed(input::TokenReady{});
  feed(input::Created{1, 24h});
  EXPECT_EQ(feed(input::TopicsSet{1, 0}),
            "forget 1 | muted | " + scheduling(0, 300000, "no_topic_permitted"));
  EXPECT_TRUE(machine_.muted());
  EXPECT_EQ(tick(300s), "authorize");
  EXPECT_EQ(connect(2, 300s), "live 2 | " + opened("2026-11-24T18:49:55"));
  EXPECT_FALSE(machine_.muted());
}

TEST_F(ChannelMachineTest, AttemptsAreUsedUpOnlyWhereNoChannelServes) {
  machine_.configure(plain(1));
  go_live();
  feed(input::Replace{"reload"});
  feed(input::TokenReady{});
  failed(2, kServerDown);
  tick(1s);
  feed(input::TokenReady{}, 1s);
  EXPECT_EQ(failed(3, kServerDown, 1s), "forget 3 | " + scheduling(2, 2000, "subscribe_http_503"));
  tick(3s);
  feed(input::TokenReady{}, 3s);
  down(1, kGoingAway, 3s);
  EXPECT_EQ(failed(4, kServerDown, 3s),
            R"(forget 4 | max_reconnect_attempts_reached,"attempts":2 | end 69)");
  EXPECT_EQ(feed(input::Start{}), "");
}

TEST_F(ChannelMachineTest, RefusedCredentialsEndItWhenNoTokenWasEverGranted) {
  feed(input::Start{});
  feed(input::TokenFailed{kRefused});
  tick(1s);
  feed(input::TokenFailed{kRefused}, 1s);
  tick(3s);
  EXPECT_EQ(feed(input::TokenFailed{kRefused}, 3s), "end 77");
}

TEST_F(ChannelMachineTest, RefusedCredentialsWaitLongestOnceATokenWasGranted) {
  go_live();
  feed(input::Replace{"token"});
  EXPECT_EQ(feed(input::TokenFailed{kRefused}), scheduling(1, 60000, "oauth_http_401"));
  EXPECT_EQ(machine_.serving(), 1U);
}

TEST_F(ChannelMachineTest, ProgressAndALongLifeResetTheBackoff) {
  go_live();
  down(1, kDisplaced);
  tick(1s);
  connect(2, 1s);
  feed(input::Progress{}, 1s);
  EXPECT_THAT(down(2, kDisplaced, 2s), testing::HasSubstr(scheduling(1, 1000, "close_4000")));
  tick(3s);
  connect(3, 3s);
  EXPECT_THAT(down(3, kDisplaced, 70s), testing::HasSubstr(scheduling(1, 1000, "close_4000")));
  tick(71s);
  connect(4, 71s);
  EXPECT_THAT(down(4, kDisplaced, 72s), testing::HasSubstr(scheduling(2, 2000, "close_4000")));
}

TEST_F(ChannelMachineTest, ASinkThatFailsHoldsTheChannel) {
  go_live();
  EXPECT_EQ(feed(input::SinkDown{}), "cancel | close 1 | lost 1 sink");
  EXPECT_EQ(state(), ChannelState::held);
  EXPECT_EQ(down(1, kOurs), "");
  EXPECT_EQ(feed(input::SinkUp{}), scheduling(0, 0, "sink") + " | connect 1");
}

TEST_F(ChannelMachineTest, ASinkThatFailsEndsWhatIsUnderWay) {
  go_live();
  feed(input::Replace{"topics"});
  feed(input::TokenReady{});
  EXPECT_EQ(feed(input::SinkDown{}), "cancel | forget 2 | close 1 | lost 1 sink | forget 1")
      << "channel 1 knows the old topics";
  EXPECT_EQ(feed(input::Created{2, 24h}), "forget 2");
  EXPECT_EQ(feed(input::SinkUp{}), scheduling(0, 0, "sink") + " | authorize");
}

TEST_F(ChannelMachineTest, AChangeWhileASinkIsDownLeavesTheOldChannel) {
  go_live();
  feed(input::SinkDown{});
  EXPECT_EQ(feed(input::Replace{"topics"}), "forget 1");
  EXPECT_EQ(feed(input::SinkUp{}), scheduling(0, 0, "sink") + " | authorize");
}

TEST_F(ChannelMachineTest, ASinkThatFailsInTheOverlapBeforeAnotherChangeEndsBoth) {
  go_live();
  feed(input::Replace{"topics"});
  connect(2);
  feed(input::Replace{"topics"});
  EXPECT_EQ(feed(input::SinkDown{}),
            "cancel | close 2 | close 1 | lost 2 sink | forget 2 | lost 1 sink | forget 1");
  EXPECT_EQ(feed(input::SinkUp{}), scheduling(0, 0, "sink") + " | authorize");
}

TEST_F(ChannelMachineTest, ASinkThatFailsInTheOverlapEndsBoth) {
  go_live();
  feed(input::Replace{"topics"});
  connect(2);
  EXPECT_EQ(feed(input::SinkDown{}),
            "cancel | close 2 | close 1 | lost 2 sink | lost 1 sink | forget 1");
}

TEST_F(ChannelMachineTest, TheOverlapLastsUntilTheOldSocketWasRead) {
  go_live();
  feed(input::Replace{"topics"});
  connect(2, 1s);
  feed(input::OldHeard{}, 1s);
  feed(input::Reading{false}, 2s);
  EXPECT_EQ(wake(), -1ms);
  EXPECT_EQ(tick(60s), "");
  feed(input::Reading{true}, 60s);
  EXPECT_EQ(wake(), 65s);
  EXPECT_EQ(tick(65s), "close 1 | lost 1 replaced | forget 1");
}

TEST_F(ChannelMachineTest, ItDoesNotStartWhileASinkIsDown) {
  feed(input::SinkDown{});
  EXPECT_EQ(feed(input::Start{}), "");
  EXPECT_EQ(state(), ChannelState::held);
  EXPECT_EQ(feed(input::SinkUp{}), scheduling(0, 0, "sink") + " | authorize");
}

TEST_F(ChannelMachineTest, AStopClosesEverySocketFirst) {
  go_live();
  feed(input::Replace{"topics"});
  connect(2);
  EXPECT_EQ(feed(input::Stop{}), "cancel | close 2 | close 1");
  EXPECT_EQ(feed(input::Stop{}), "");
  EXPECT_EQ(down(2, kOurs), "lost 2 stopped | forget 2");
  EXPECT_EQ(down(1, kOurs), "lost 1 stopped | forget 1 | end 0");
  EXPECT_EQ(state(), ChannelState::ended);
}

TEST_F(ChannelMachineTest, AStopWithoutASocketEndsAtOnce) {
  feed(input::Start{});
  feed(input::TokenReady{});
  EXPECT_EQ(feed(input::Stop{}), "cancel | forget 1 | end 0");
}

TEST_F(ChannelMachineTest, LateAnswersOfDroppedAttemptsAreNotTaken) {
  go_live();
  EXPECT_EQ(feed(input::Created{9, 24h}), "forget 9");
  EXPECT_EQ(feed(input::TopicsSet{9, 3}), "");
  EXPECT_EQ(feed(input::SocketUp{9}), "");
  EXPECT_EQ(failed(9, kServerDown), "");
  EXPECT_EQ(feed(input::TokenReady{}), "");
  EXPECT_EQ(feed(input::TokenFailed{kRefused}), "");
  EXPECT_EQ(state(), ChannelState::live);
}

}  // namespace
}  // namespace gcstreamd
