#include "gcstreamd/core/service_notice.hpp"

#include <gmock/gmock.h>

#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;

StreamGlance streaming(std::uint64_t delivered, SequenceNumber last) {
  return {"main", StreamState::streaming, delivered, last, 0};
}

TEST(ServiceStatusTest, TheRateIsThatSinceTheCallBefore) {
  ServiceStatus status;
  EXPECT_EQ(status.words({streaming(100, 42011)}, at(0s)), "main: receiving, last 42011, 0 lost");
  EXPECT_EQ(status.words({streaming(6300, 48211)}, at(5s)),
            "main: receiving 1,240/s, last 48211, 0 lost");
  EXPECT_EQ(status.words({streaming(6300, 48211)}, at(10s)),
            "main: receiving 0/s, last 48211, 0 lost");
}

TEST(ServiceStatusTest, ASlowRateKeepsADecimal) {
  ServiceStatus status;
  status.words({streaming(1, 1)}, at(0s));
  EXPECT_EQ(status.words({streaming(3, 3)}, at(5s)), "main: receiving 0.4/s, last 3, 0 lost");
}

TEST(ServiceStatusTest, ACountThatBeganAnewHasNoRateYet) {
  ServiceStatus status;
  status.words({streaming(500, 500)}, at(0s));
  EXPECT_EQ(status.words({streaming(3, 503)}, at(5s)), "main: receiving, last 503, 0 lost");
  EXPECT_EQ(status.words({streaming(13, 513)}, at(6s)), "main: receiving 10/s, last 513, 0 lost");
}

TEST(ServiceStatusTest, TwoCallsAtOneMomentHaveNoRate) {
  ServiceStatus status;
  status.words({streaming(1, 1)}, at(0s));
  EXPECT_EQ(status.words({streaming(2, 2)}, at(0s)), "main: receiving, last 2, 0 lost");
}

TEST(ServiceStatusTest, SeveralStreamsAreJoined) {
  ServiceStatus status;
  EXPECT_EQ(status.words({{"eu", StreamState::waiting, 7, 12, 1234567},
                          {"us", StreamState::ended, 0, std::nullopt, 0}},
                         at(0s)),
            "eu: waiting to reconnect, last 12, 1,234,567 lost; "
            "us: gave up, a reload starts it again, 0 lost");
}

struct StateCase {
  StreamState state;
  std::string_view words;
};

class StateWords : public testing::TestWithParam<StateCase> {};

TEST_P(StateWords, AreWhatTheStreamDoes) {
  ServiceStatus status;
  EXPECT_EQ(status.words({{"a", GetParam().state, 0, std::nullopt, 0}}, at(0s)),
            "a: " + std::string(GetParam().words) + ", 0 lost");
}

INSTANTIATE_TEST_SUITE_P(All, StateWords,
                         testing::Values(StateCase{StreamState::idle, "not started"},
                                         StateCase{StreamState::held,
                                                   "held until a required sink can be written"},
                                         StateCase{StreamState::authorizing, "fetching a token"},
                                         StateCase{StreamState::dialing, "connecting"},
                                         StateCase{StreamState::closing, "reconnecting"},
                                         StateCase{StreamState::stopping, "stopping"}));

TEST(NoticeTest, StateAndStatusAreLinesOfOneMessage) {
  EXPECT_EQ(notice("READY=1", "main: connecting"), "READY=1\nSTATUS=main: connecting\n");
  EXPECT_EQ(notice("WATCHDOG=1", ""), "WATCHDOG=1\n");
  EXPECT_EQ(notice("", "words"), "STATUS=words\n");
  EXPECT_EQ(reloading_notice(1234567us), "RELOADING=1\nMONOTONIC_USEC=1234567\n");
}

TEST(NoticeTest, ALongStatusIsClippedRatherThanIgnoredByItsReader) {
  EXPECT_LT(notice("READY=1", std::string(100000, 'x')).size(), kMaxNotice);
  EXPECT_THAT(notice("READY=1", std::string(100000, 'x')), EndsWith("x\n"));
}

TEST(WatchdogLimitTest, IsWhatTheManagerAsksOfThisProcess) {
  EXPECT_EQ(watchdog_limit("60000000", "17", 17), 60s);
  EXPECT_EQ(watchdog_limit("60000000", nullptr, 17), 60s);
}

TEST(WatchdogLimitTest, NothingIsAskedWithoutItOrOfAnotherProcess) {
  EXPECT_EQ(watchdog_limit(nullptr, nullptr, 17), std::nullopt);
  EXPECT_EQ(watchdog_limit("60000000", "18", 17), std::nullopt);
  EXPECT_EQ(watchdog_limit("60000000", "", 17), std::nullopt);
}

TEST(WatchdogLimitTest, WhatIsNoNumberIsNoLimit) {
  for (const char* text : {"", "0", "-5", "5s", "9223372036854775808", "99999999999999999999"})
    EXPECT_EQ(watchdog_limit(text, nullptr, 17), std::nullopt) << text;
}

}  // namespace
}  // namespace gcstreamd
