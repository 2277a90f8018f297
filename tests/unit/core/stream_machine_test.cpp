#include "gcstreamd/core/stream_machine.hpp"

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
  std::string operator()(const action::Dial&) const { return "dial"; }
  std::string operator()(const action::Subscribe&) const { return "subscribe"; }
  std::string operator()(const action::Close& close) const {
    return fmt::format("close {} {}", close.code, close.reason);
  }
  std::string operator()(const action::Wait& wait) const {
    return fmt::format("wait {}", wait.delay.count());
  }
  std::string operator()(const action::Cancel&) const { return "cancel"; }
  std::string operator()(const action::Note& note) const {
    return "note " + note.record.type() + note.record.fields();
  }
  std::string operator()(const action::End& end) const {
    return fmt::format("end {}", static_cast<int>(end.code));
  }
};

std::string scheduling(unsigned attempt, unsigned delay_ms, std::string_view cause) {
  return fmt::format(R"(note scheduling_reconnect,"attempt":{},"delayMs":{},"cause":"{}")", attempt,
                     delay_ms, cause);
}
/// An ordinary attempt.
std::string retry(unsigned attempt, unsigned delay_ms, std::string_view cause) {
  return scheduling(attempt, delay_ms, cause) + fmt::format(" | wait {}", delay_ms);
}
/// A reconnect of our own making.
std::string at_once(unsigned attempt, std::string_view cause) {
  return scheduling(attempt, 0, cause) + " | authorize";
}

const Fault kServerDown(Stage::upgrade, FaultKind::http_status, 503, "HTTP 503");
const Fault kUnauthorized(Stage::upgrade, FaultKind::http_status, 401, "HTTP 401");
const Fault kRefused(Stage::oauth, FaultKind::http_status, 401, "HTTP 401");
const Fault kNoAnswer(Stage::oauth, FaultKind::timeout, 0, "no answer");
const Fault kGoingAway(Stage::stream, FaultKind::close_code, 1001, "going away");
const Fault kOurs(Stage::stream, FaultKind::cancelled, 0, "");

constexpr auto kGraceful = "close 1000 Client initiated graceful shutdown";
constexpr auto kResume = "close 1000 Resuming after a sequence gap";
constexpr auto kSinkClose = "close 1000 A sink cannot be written";

ReconnectConfig plain(unsigned max_attempts = 10) {
  ReconnectConfig config;
  config.backoff = {1000ms, 60000ms, Jitter::none};
  config.max_attempts = max_attempts;
  return config;
}

class StreamMachineTest : public testing::Test {
 protected:
  /// Feeds one input and returns the actions, ` | ` between them.
  std::string feed(const StreamInput& input, std::chrono::milliseconds when = 0ms) {
    std::string text;
    for (const StreamAction& action : machine_.on(input, at(when)))
      text += (text.empty() ? "" : " | ") + std::visit(Words{}, action);
    return text;
  }
  std::string down(const Fault& fault, std::chrono::milliseconds when = 0ms) {
    return feed(input::LinkDown{fault}, when);
  }
  StreamState state() const { return machine_.state(); }

  /// Brings a new machine into a state.
  void reach(StreamState wanted) {
    machine_ = StreamMachine(plain(), 1);
    if (wanted == StreamState::idle)
      return;
    feed(input::Start{});
    if (wanted == StreamState::authorizing)
      return;
    if (wanted == StreamState::waiting || wanted == StreamState::held) {
      feed(input::TokenFailed{kNoAnswer});
      if (wanted == StreamState::held)
        feed(input::SinkDown{});
      return;
    }
    feed(input::TokenReady{});
    if (wanted == StreamState::dialing)
      return;
    feed(input::LinkUp{});
    if (wanted == StreamState::closing)
      feed(input::ResumeWanted{});
    if (wanted == StreamState::stopping || wanted == StreamState::ended)
      feed(input::Stop{});
    if (wanted == StreamState::ended)
      down(kOurs);
  }
  /// From authorizing to streaming.
  void connect(std::chrono::milliseconds when = 0ms) {
    ASSERT_EQ(feed(input::TokenReady{}, when), "dial");
    ASSERT_EQ(feed(input::LinkUp{}, when), "subscribe");
  }

  StreamMachine machine_{plain(), 1};
};

TEST_F(StreamMachineTest, ConnectsAuthorizesDialsAndSubscribes) {
  EXPECT_EQ(state(), StreamState::idle);
  EXPECT_EQ(feed(input::Start{}), "authorize");
  EXPECT_EQ(state(), StreamState::authorizing);
  EXPECT_EQ(feed(input::TokenReady{}), "dial");
  EXPECT_EQ(state(), StreamState::dialing);
  EXPECT_FALSE(machine_.receiving());
  EXPECT_EQ(feed(input::LinkUp{}), "subscribe");
  EXPECT_EQ(state(), StreamState::streaming);
  EXPECT_TRUE(machine_.receiving());
}

TEST_F(StreamMachineTest, AMovedPositionIsGoneOnFromAtOnceWhetherTheLinkIsUpOrHasEnded) {
  reach(StreamState::streaming);
  EXPECT_EQ(feed(input::MovedOn{"poison"}), "close 1000 Going on from another position");
  EXPECT_EQ(state(), StreamState::closing);
  EXPECT_EQ(down(kGoingAway), at_once(0, "poison"));
}

TEST_F(StreamMachineTest, ARefusedSubscriptionIsAnOrdinaryAttempt) {
  const Fault forbidden(Stage::subscribe, FaultKind::http_status, 403, "403");
  reach(StreamState::streaming);
  EXPECT_EQ(feed(input::Refused{forbidden}), "close 1000 The subscription was refused");
  EXPECT_EQ(down(kOurs), retry(1, 1000, "subscribe_http_403"));
}

TEST_F(StreamMachineTest, AClosingLinkThatAGapAsksForIsNotMistakenForARefusalBefore) {
  const Fault forbidden(Stage::subscribe, FaultKind::http_status, 403, "403");
  reach(StreamState::streaming);
  feed(input::Refused{forbidden});
  down(kOurs);
  feed(input::TimerFired{});
  connect();
  feed(input::ResumeWanted{});
  EXPECT_EQ(down(kOurs), at_once(1, "gap"));
}

TEST_F(StreamMachineTest, AStalePositionEndsTheStreamWithItsOwnExitCode) {
  reach(StreamState::streaming);
  EXPECT_EQ(feed(input::PositionRefused{}), "close 1000 The position was refused");
  EXPECT_EQ(state(), StreamState::stopping);
  EXPECT_FALSE(machine_.receiving());
  EXPECT_EQ(feed(input::Stop{}), "");
  EXPECT_EQ(down(kOurs), "end 69");
  EXPECT_EQ(state(), StreamState::ended);
}

TEST_F(StreamMachineTest, WhatTheConnectionWasMadeWithChangedReconnectsAtOnceWithoutAnAttempt) {
  reach(StreamState::streaming);
  EXPECT_EQ(feed(input::Reconfigured{true}), "close 1000 Reloading the configuration");
  EXPECT_EQ(down(kOurs), at_once(0, "reload"));
  EXPECT_EQ(feed(input::Reconfigured{true}), "cancel | " + at_once(0, "reload"));
  feed(input::TokenReady{});
  EXPECT_EQ(feed(input::Reconfigured{true}), "cancel | " + at_once(0, "reload"));
}

TEST_F(StreamMachineTest, ALiveChangeTouchesNeitherAConnectionNorAWait) {
  for (const auto where : {StreamState::streaming, StreamState::dialing, StreamState::authorizing,
                           StreamState::waiting}) {
    reach(where);
    EXPECT_EQ(feed(input::Reconfigured{}), "") << name(where);
    EXPECT_EQ(state(), where);
  }
}

TEST_F(StreamMachineTest, WhatTheNextAttemptIsMadeWithEndsAWaitAndNothingElse) {
  for (const auto where :
       {StreamState::streaming, StreamState::dialing, StreamState::authorizing}) {
    reach(where);
    EXPECT_EQ(feed(input::Reconfigured{.retry = true}), "") << name(where);
  }
  for (const auto& change :
       {input::Reconfigured{.retry = true}, input::Reconfigured{.reconnect = true}}) {
    reach(StreamState::waiting);
    EXPECT_EQ(feed(change), "cancel | " + at_once(1, "reload"));
    EXPECT_EQ(state(), StreamState::authorizing);
  }
}

TEST_F(StreamMachineTest, AReloadLeavesAloneWhatIsHeldClosingOrOver) {
  for (const auto where : {StreamState::idle, StreamState::held, StreamState::closing,
                           StreamState::stopping, StreamState::ended}) {
    reach(where);
    EXPECT_EQ(feed(input::Reconfigured{true}), "") << name(where);
    EXPECT_EQ(state(), where);
  }
}

TEST_F(StreamMachineTest, NewReconnectSettingsCountTheAttemptsMadeBefore) {
  reach(StreamState::waiting);
  feed(input::TimerFired{});
  ReconnectConfig config = plain(2);
  config.backoff = {10ms, 15ms, Jitter::none};
  machine_.configure(config);
  EXPECT_EQ(feed(input::TokenFailed{kNoAnswer}), retry(2, 15, "oauth_timeout"));
  feed(input::TimerFired{});
  EXPECT_EQ(feed(input::TokenFailed{kNoAnswer}),
            R"(note max_reconnect_attempts_reached,"attempts":2 | end 69)");
}

TEST_F(StreamMachineTest, ATokenThatCannotBeHadIsAskedForUnderTheBackoff) {
  feed(input::Start{});
  EXPECT_EQ(feed(input::TokenFailed{kNoAnswer}), retry(1, 1000, "oauth_timeout"));
  EXPECT_EQ(state(), StreamState::waiting);
  EXPECT_EQ(feed(input::TimerFired{}), "authorize");
  EXPECT_EQ(feed(input::TokenFailed{kNoAnswer}), retry(2, 2000, "oauth_timeout"));
}

TEST_F(StreamMachineTest, ThreeRefusalsInARowBeforeAnyTokenEndTheStream) {
  feed(input::Start{});
  EXPECT_EQ(feed(input::TokenFailed{kRefused}), retry(1, 1000, "oauth_http_401"));
  feed(input::TimerFired{});
  EXPECT_EQ(feed(input::TokenFailed{kRefused}), retry(2, 2000, "oauth_http_401"));
  feed(input::TimerFired{});
  EXPECT_EQ(feed(input::TokenFailed{kRefused}), "end 77");
  EXPECT_EQ(state(), StreamState::ended);
}

TEST_F(StreamMachineTest, RefusalsWithAnotherFaultBetweenThemAreNotInARow) {
  feed(input::Start{});
  for (const Fault& fault : {kRefused, kRefused, kNoAnswer, kRefused, kRefused}) {
    EXPECT_NE(feed(input::TokenFailed{fault}), "end 77");
    feed(input::TimerFired{});
  }
  EXPECT_EQ(feed(input::TokenFailed{kRefused}), "end 77");
}

TEST_F(StreamMachineTest, RefusalsAfterAGrantAreRetriedAtTheLongestDelay) {
  machine_ = StreamMachine(plain(0), 1);
  feed(input::Start{});
  connect();
  down(kGoingAway);
  feed(input::TimerFired{});
  for (unsigned attempt = 2; attempt < 8; ++attempt) {
    EXPECT_EQ(feed(input::TokenFailed{kRefused}), retry(attempt, 60000, "oauth_http_401"));
    EXPECT_EQ(feed(input::TimerFired{}), "authorize");
  }
}

TEST_F(StreamMachineTest, ALongerRetryAfterWinsAndAShorterOneDoesNot) {
  Fault limited(Stage::upgrade, FaultKind::http_status, 429, "HTTP 429");
  limited.retry_after = 90s;
  reach(StreamState::dialing);
  EXPECT_EQ(down(limited), retry(1, 90000, "upgrade_http_429"));
  feed(input::TimerFired{});
  feed(input::TokenReady{});
  limited.retry_after = 1s;
  EXPECT_EQ(down(limited), retry(2, 2000, "upgrade_http_429"));
}

TEST_F(StreamMachineTest, A401OnTheHandshakeDiscardsTheTokenAndIsAnOrdinaryAttempt) {
  reach(StreamState::dialing);
  EXPECT_EQ(down(kUnauthorized), "discard token | " + retry(1, 1000, "upgrade_http_401"));
  EXPECT_EQ(feed(input::TimerFired{}), "authorize");
}

TEST_F(StreamMachineTest, AClosedLinkIsReconnectedUnderTheBackoff) {
  reach(StreamState::streaming);
  EXPECT_EQ(down(kGoingAway), retry(1, 1000, "close_1001"));
  EXPECT_EQ(feed(input::TimerFired{}), "authorize");
}

TEST_F(StreamMachineTest, ACloseAndAnErrorTogetherAreOneReconnect) {
  reach(StreamState::streaming);
  EXPECT_EQ(down(kGoingAway), retry(1, 1000, "close_1001"));
  EXPECT_EQ(down(Fault(Stage::stream, FaultKind::system, 104, "reset")), "");
  EXPECT_EQ(feed(input::TimerFired{}), "authorize");
  EXPECT_EQ(feed(input::TimerFired{}), "");
}

TEST_F(StreamMachineTest, AttemptsAreCountedOverOpenThenCloseLoopsUntilTheyAreUsedUp) {
  machine_ = StreamMachine(plain(3), 1);
  feed(input::Start{});
  for (unsigned attempt = 1; attempt <= 3; ++attempt) {
    connect();
    EXPECT_EQ(down(kGoingAway), retry(attempt, 1000U << (attempt - 1), "close_1001"));
    EXPECT_EQ(feed(input::TimerFired{}), "authorize");
  }
  connect();
  EXPECT_EQ(down(kGoingAway), R"(note max_reconnect_attempts_reached,"attempts":3 | end 69)");
  EXPECT_EQ(state(), StreamState::ended);
}

TEST_F(StreamMachineTest, TheLastAttemptMayFailAtAnyStage) {
  const std::string used_up = R"(note max_reconnect_attempts_reached,"attempts":1 | end 69)";
  machine_ = StreamMachine(plain(1), 1);
  feed(input::Start{});
  feed(input::TokenFailed{kNoAnswer});
  feed(input::TimerFired{});
  EXPECT_EQ(feed(input::TokenFailed{kNoAnswer}), used_up);

  machine_ = StreamMachine(plain(1), 1);
  feed(input::Start{});
  feed(input::TokenReady{});
  down(kServerDown);
  feed(input::TimerFired{});
  feed(input::TokenReady{});
  EXPECT_EQ(down(kUnauthorized), "discard token | " + used_up);
}

TEST_F(StreamMachineTest, WithoutALimitItNeverGivesUp) {
  machine_ = StreamMachine(plain(0), 1);
  feed(input::Start{});
  for (unsigned attempt = 1; attempt <= 1000; ++attempt) {
    feed(input::TokenReady{});
    const std::string actions = down(kServerDown);
    ASSERT_TRUE(actions.starts_with("note scheduling_reconnect")) << actions;
    ASSERT_EQ(feed(input::TimerFired{}), "authorize");
  }
}

TEST_F(StreamMachineTest, ANewEventStartsTheCountAgainAndAnOpenLinkAloneDoesNot) {
  reach(StreamState::streaming);
  down(kGoingAway);
  feed(input::TimerFired{});
  connect();
  EXPECT_EQ(down(kGoingAway), retry(2, 2000, "close_1001"));
  feed(input::TimerFired{});
  connect();
  EXPECT_EQ(feed(input::Progress{}), "");
  EXPECT_EQ(down(kGoingAway), retry(1, 1000, "close_1001"));
}

TEST_F(StreamMachineTest, ALinkThatLivedLongEnoughStartsTheCountAgain) {
  reach(StreamState::streaming);
  down(kGoingAway);
  feed(input::TimerFired{});
  connect(10s);
  EXPECT_EQ(down(kGoingAway, 10s + 59999ms), retry(2, 2000, "close_1001"));
  feed(input::TimerFired{});
  connect(100s);
  EXPECT_EQ(down(kGoingAway, 160s), retry(1, 1000, "close_1001"));
}

TEST_F(StreamMachineTest, ALinkThatLivedLongEnoughStartsTheCountAgainWhenItEndsInAResumeToo) {
  reach(StreamState::streaming);
  down(kGoingAway);
  feed(input::TimerFired{});
  connect(0s);
  feed(input::ResumeWanted{}, 1h);
  EXPECT_EQ(down(kOurs, 1h), at_once(0, "gap"));
}

TEST_F(StreamMachineTest, AResumeReconnectsAtOnceAndUsesUpNoAttempt) {
  reach(StreamState::streaming);
  EXPECT_EQ(feed(input::ResumeWanted{}), kResume);
  EXPECT_EQ(state(), StreamState::closing);
  EXPECT_FALSE(machine_.receiving());
  EXPECT_EQ(feed(input::ResumeWanted{}), "");
  EXPECT_EQ(down(kOurs), at_once(0, "gap"));
  connect();
  EXPECT_EQ(down(kGoingAway), retry(1, 1000, "close_1001"));
}

TEST_F(StreamMachineTest, AResumeBetweenFailuresLeavesTheCountAsItIs) {
  reach(StreamState::streaming);
  down(kGoingAway);
  feed(input::TimerFired{});
  connect();
  feed(input::ResumeWanted{});
  EXPECT_EQ(down(kOurs), at_once(1, "gap"));
  connect();
  EXPECT_EQ(down(kGoingAway), retry(2, 2000, "close_1001"));
}

TEST_F(StreamMachineTest, StopEndsInOrderWhateverRuns) {
  for (StreamState from : {StreamState::idle, StreamState::held, StreamState::waiting,
                           StreamState::authorizing, StreamState::dialing}) {
    reach(from);
    ASSERT_EQ(state(), from);
    EXPECT_EQ(feed(input::Stop{}), "cancel | end 0") << name(from);
    EXPECT_EQ(state(), StreamState::ended);
  }
}

TEST_F(StreamMachineTest, StopClosesAnOpenLinkFirst) {
  reach(StreamState::streaming);
  EXPECT_EQ(feed(input::Stop{}), kGraceful);
  EXPECT_EQ(state(), StreamState::stopping);
  EXPECT_FALSE(machine_.receiving());
  EXPECT_EQ(feed(input::Stop{}), "");
  EXPECT_EQ(down(kGoingAway), "end 0");
  EXPECT_EQ(state(), StreamState::ended);
}

TEST_F(StreamMachineTest, StopWhileALinkClosesWaitsForItsEnd) {
  reach(StreamState::closing);
  EXPECT_EQ(feed(input::Stop{}), "");
  EXPECT_EQ(state(), StreamState::stopping);
  EXPECT_EQ(down(kOurs), "end 0");
}

TEST_F(StreamMachineTest, ASinkThatFailsClosesTheLinkAndHoldsTheStreamUntilItIsBack) {
  reach(StreamState::streaming);
  EXPECT_EQ(feed(input::SinkDown{}), kSinkClose);
  EXPECT_EQ(state(), StreamState::closing);
  EXPECT_EQ(down(kOurs), "");
  EXPECT_EQ(state(), StreamState::held);
  EXPECT_EQ(feed(input::TimerFired{}), "");
  EXPECT_EQ(feed(input::SinkUp{}), at_once(0, "sink"));
  EXPECT_EQ(state(), StreamState::authorizing);
}

TEST_F(StreamMachineTest, ASinkThatIsBackBeforeTheLinkClosedHoldsNothing) {
  reach(StreamState::streaming);
  feed(input::SinkDown{});
  EXPECT_EQ(feed(input::SinkUp{}), "");
  EXPECT_EQ(down(kOurs), at_once(0, "sink"));
}

TEST_F(StreamMachineTest, ASinkThatFailsWhileAResumeClosesTheLinkHoldsTheStream) {
  reach(StreamState::closing);
  EXPECT_EQ(feed(input::SinkDown{}), "");
  EXPECT_EQ(down(kOurs), "");
  EXPECT_EQ(state(), StreamState::held);
  EXPECT_EQ(feed(input::SinkUp{}), at_once(0, "sink"));
}

TEST_F(StreamMachineTest, ASinkThatFailsOnTheWayToALinkCancelsIt) {
  for (StreamState from : {StreamState::waiting, StreamState::authorizing, StreamState::dialing}) {
    reach(from);
    EXPECT_EQ(feed(input::SinkDown{}), "cancel") << name(from);
    EXPECT_EQ(state(), StreamState::held);
    const unsigned attempts = from == StreamState::waiting ? 1 : 0;
    EXPECT_EQ(feed(input::SinkUp{}), at_once(attempts, "sink"));
  }
}

TEST_F(StreamMachineTest, TheFirstConnectionIsNoReconnectEvenWhenASinkHeldItBack) {
  EXPECT_EQ(feed(input::SinkDown{}), "");
  EXPECT_EQ(state(), StreamState::idle);
  EXPECT_EQ(feed(input::Start{}), "");
  EXPECT_EQ(state(), StreamState::held);
  EXPECT_EQ(feed(input::SinkUp{}), "authorize");
}

TEST_F(StreamMachineTest, ASinkThatFailsWhileTheStreamStopsChangesNothing) {
  reach(StreamState::stopping);
  EXPECT_EQ(feed(input::SinkDown{}), "");
  EXPECT_EQ(feed(input::SinkUp{}), "");
  EXPECT_EQ(down(kOurs), "end 0");
}

TEST_F(StreamMachineTest, AfterTheEndNothingHappens) {
  const StreamInput inputs[] = {input::Start{},
                                input::Stop{},
                                input::TimerFired{},
                                input::TokenReady{},
                                input::TokenFailed{kRefused},
                                input::LinkUp{},
                                input::LinkDown{kGoingAway},
                                input::Progress{},
                                input::ResumeWanted{},
                                input::SinkDown{},
                                input::SinkUp{}};
  reach(StreamState::ended);
  for (const StreamInput& input : inputs)
    EXPECT_EQ(feed(input), "") << input.index();
  EXPECT_EQ(state(), StreamState::ended);
}

/// What a state has no use for changes neither state nor anything else.
struct Unused {
  StreamState state;
  std::vector<StreamInput> inputs;
};

TEST_F(StreamMachineTest, LateAndEarlyInputsAreIgnored) {
  const Unused table[] = {
      {StreamState::idle,
       {input::TimerFired{}, input::TokenReady{}, input::TokenFailed{kRefused}, input::LinkUp{},
        input::LinkDown{kGoingAway}, input::Progress{}, input::ResumeWanted{}, input::SinkUp{}}},
      {StreamState::held,
       {input::Start{}, input::TimerFired{}, input::TokenReady{}, input::TokenFailed{kRefused},
        input::LinkUp{}, input::LinkDown{kGoingAway}, input::Progress{}, input::ResumeWanted{},
        input::SinkDown{}}},
      {StreamState::waiting,
       {input::Start{}, input::TokenReady{}, input::TokenFailed{kRefused}, input::LinkUp{},
        input::LinkDown{kGoingAway}, input::Progress{}, input::ResumeWanted{}, input::SinkUp{}}},
      {StreamState::authorizing,
       {input::Start{}, input::TimerFired{}, input::LinkUp{}, input::LinkDown{kGoingAway},
        input::Progress{}, input::ResumeWanted{}, input::SinkUp{}}},
      {StreamState::dialing,
       {input::Start{}, input::TimerFired{}, input::TokenReady{}, input::TokenFailed{kRefused},
        input::Progress{}, input::ResumeWanted{}, input::SinkUp{}}},
      {StreamState::streaming,
       {input::Start{}, input::TimerFired{}, input::TokenReady{}, input::TokenFailed{kRefused},
        input::LinkUp{}, input::Progress{}, input::SinkUp{}}},
      {StreamState::closing,
       {input::Start{}, input::TimerFired{}, input::TokenReady{}, input::TokenFailed{kRefused},
        input::LinkUp{}, input::Progress{}, input::ResumeWanted{}, input::SinkUp{}}},
      {StreamState::stopping,
       {input::Start{}, input::Stop{}, input::TimerFired{}, input::TokenReady{},
        input::TokenFailed{kRefused}, input::LinkUp{}, input::Progress{}, input::ResumeWanted{},
        input::SinkDown{}, input::SinkUp{}}},
  };
  for (const auto& [from, inputs] : table)
    for (const StreamInput& input : inputs) {
      reach(from);
      EXPECT_EQ(feed(input), "") << name(from) << ", input " << input.index();
      EXPECT_EQ(state(), from) << name(from) << ", input " << input.index();
    }
}

TEST_F(StreamMachineTest, DelaysAreJitteredUnlessToldOtherwise) {
  ReconnectConfig config;
  machine_ = StreamMachine(config, 7);
  feed(input::Start{});
  const auto actions = machine_.on(input::TokenFailed{kNoAnswer}, at(0ms));
  ASSERT_EQ(actions.size(), 2U);
  const auto delay = std::get<action::Wait>(actions[1]).delay;
  EXPECT_GE(delay, 500ms);
  EXPECT_LE(delay, 1000ms);
}

TEST(StreamStateName, IsAWordForEach) {
  EXPECT_EQ(name(StreamState::idle), "idle");
  EXPECT_EQ(name(StreamState::held), "held");
  EXPECT_EQ(name(StreamState::waiting), "waiting");
  EXPECT_EQ(name(StreamState::authorizing), "authorizing");
  EXPECT_EQ(name(StreamState::dialing), "dialing");
  EXPECT_EQ(name(StreamState::streaming), "streaming");
  EXPECT_EQ(name(StreamState::closing), "closing");
  EXPECT_EQ(name(StreamState::stopping), "stopping");
  EXPECT_EQ(name(StreamState::ended), "ended");
}

}  // namespace
}  // namespace gcstreamd
