#include "gcstreamd/core/readiness.hpp"

#include <gmock/gmock.h>

#include "helpers/statuses.hpp"

namespace gcstreamd {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ReadinessTest, AStreamThatReceivesIsReady) {
  EXPECT_THAT(unready(daemon_status()), IsEmpty());
}

TEST(ReadinessTest, ReconnectingIsReadyWithinTheFirstAttempts) {
  StreamStatus stream = stream_status();
  for (const auto state : {StreamState::waiting, StreamState::authorizing, StreamState::dialing}) {
    stream.state = state;
    stream.attempts = kFirstAttempts;
    EXPECT_THAT(unready(stream), IsEmpty()) << name(state);
    stream.attempts = kFirstAttempts + 1;
    EXPECT_THAT(unready(stream), ElementsAre(HasSubstr("stream main: not connected, 4 attempts")))
        << name(state);
  }
}

TEST(ReadinessTest, ALongWaitIsNotReadyFromItsFirstAttemptOn) {
  StreamStatus stream = stream_status();
  stream.state = StreamState::waiting;
  stream.attempts = 1;
  stream.since = wall();
  stream.next_attempt = wall(std::chrono::minutes(1));
  EXPECT_THAT(unready(stream), IsEmpty());
  stream.next_attempt = wall(std::chrono::hours(22));
  EXPECT_THAT(unready(stream), ElementsAre(HasSubstr("the next attempt comes at 2026-11-24T16")));
}

TEST(ReadinessTest, WhoeverHearsNothingWithoutAFaultSaysWhy) {
  StreamStatus stream = stream_status();
  stream.trouble = "the rules fit no queue";
  EXPECT_THAT(unready(stream), ElementsAre("stream main: the rules fit no queue"));
}

TEST(ReadinessTest, TheBodySaysWhyAndWhatToDo) {
  StreamStatus stream = stream_status();
  stream.state = StreamState::ended;
  stream.incidents.on(
      AuditRecord("oauth_error").text("error", "401").text("hint", "check the secret"), wall());
  EXPECT_THAT(unready(stream),
              ElementsAre(AllOf(HasSubstr("gave up"), HasSubstr("check the secret"))));
}

TEST(ReadinessTest, ARequiredSinkThatCannotBeWrittenIsNamed) {
  StreamStatus stream = stream_status();
  stream.state = StreamState::held;
  stream.sinks[0].state = SinkState::failed;
  stream.sinks[0].error = "No space left on device (ENOSPC)";
  EXPECT_THAT(unready(stream),
              ElementsAre(HasSubstr("held since 2026-11-23T18:44:55"),
                          "stream main: sink file is failed: No space left on device (ENOSPC)"));
}

TEST(ReadinessTest, ASinkThatIsTriedAgainIsNotReadyUntilItHasProvedItself) {
  StreamStatus stream = stream_status();
  stream.sinks[0].state = SinkState::proving;
  EXPECT_THAT(unready(stream), ElementsAre(HasSubstr("sink file is proving")));
}

TEST(ReadinessTest, AnOptionalSinkMayFail) {
  StreamStatus stream = stream_status();
  stream.sinks[0].required = false;
  stream.sinks[0].state = SinkState::failed;
  EXPECT_THAT(unready(stream), IsEmpty());
}

TEST(ReadinessTest, APositionThatCannotBeSavedIsNotReady) {
  StreamStatus stream = stream_status();
  stream.position_saved = false;
  EXPECT_THAT(unready(stream), ElementsAre(HasSubstr("position cannot be saved")));
}

TEST(ReadinessTest, WhoStopsOrHasNotBegunIsNotReady) {
  StreamStatus stream = stream_status();
  stream.state = StreamState::idle;
  EXPECT_THAT(unready(stream), ElementsAre(HasSubstr("not started")));
  stream.state = StreamState::stopping;
  EXPECT_THAT(unready(stream), ElementsAre(HasSubstr("stopping")));
  DaemonStatus daemon = daemon_status();
  daemon.stopping = true;
  EXPECT_THAT(unready(daemon), ElementsAre("the daemon is stopping"));
}

TEST(ReadinessTest, OneOfSeveralStreamsIsEnough) {
  DaemonStatus daemon = daemon_status();
  daemon.streams.push_back(stream_status());
  daemon.streams.back().name = "other";
  daemon.streams.back().state = StreamState::ended;
  EXPECT_THAT(unready(daemon), ElementsAre(HasSubstr("stream other: gave up")));
}

}  // namespace
}  // namespace gcstreamd
