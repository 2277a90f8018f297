#include "gcstreamd/core/liveness.hpp"

#include <gmock/gmock.h>

#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using Verdict = Liveness::Verdict;

class LivenessTest : public testing::Test {
 protected:
  Liveness liveness_{40s, at(0ms)};
};

TEST_F(LivenessTest, ALinkThatJustOpenedIsAlive) {
  EXPECT_EQ(liveness_.check(at(0ms)), Verdict::alive);
  EXPECT_EQ(liveness_.check(at(19999ms)), Verdict::alive);
  EXPECT_EQ(liveness_.next_check(), at(20s));
}

TEST_F(LivenessTest, AtHalfOfTheTimeoutThereIsOnePing) {
  EXPECT_EQ(liveness_.check(at(20s)), Verdict::ping);
  EXPECT_EQ(liveness_.check(at(20s)), Verdict::alive);
  EXPECT_EQ(liveness_.check(at(39999ms)), Verdict::alive);
  EXPECT_EQ(liveness_.next_check(), at(40s));
}

TEST_F(LivenessTest, AfterAllOfTheTimeoutItIsDead) {
  EXPECT_EQ(liveness_.check(at(20s)), Verdict::ping);
  EXPECT_EQ(liveness_.check(at(40s)), Verdict::dead);
  EXPECT_EQ(liveness_.check(at(41s)), Verdict::dead);
}

TEST_F(LivenessTest, ALateFirstCheckFindsItDeadWithoutAPing) {
  EXPECT_EQ(liveness_.check(at(1h)), Verdict::dead);
  EXPECT_EQ(liveness_.silence(at(1h)), 1h);
}

TEST_F(LivenessTest, AnyFrameBeginsAnew) {
  EXPECT_EQ(liveness_.check(at(20s)), Verdict::ping);
  liveness_.on_frame(at(21s));
  EXPECT_EQ(liveness_.silence(at(22s)), 1s);
  EXPECT_EQ(liveness_.check(at(40s)), Verdict::alive);
  EXPECT_EQ(liveness_.next_check(), at(41s));
  EXPECT_EQ(liveness_.check(at(41s)), Verdict::ping);
  EXPECT_EQ(liveness_.check(at(61s)), Verdict::dead);
}

}  // namespace
}  // namespace gcstreamd
