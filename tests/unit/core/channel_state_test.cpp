#include "gcstreamd/core/channel_state.hpp"

#include <gmock/gmock.h>

#include <cerrno>

namespace gcstreamd {
namespace {

Fault closed(int code) {
  return {Stage::stream, FaultKind::close_code, code, ""};
}
Fault upgrade(int status) {
  return {Stage::upgrade, FaultKind::http_status, status, ""};
}

TEST(ChannelFaults, ABrokenLineLeavesTheChannel) {
  EXPECT_TRUE(keeps_channel(closed(1001)));
  EXPECT_TRUE(keeps_channel(closed(1006)));
  EXPECT_TRUE(keeps_channel(closed(1012)));
  EXPECT_TRUE(keeps_channel({Stage::stream, FaultKind::timeout, 0, "silent"}));
  EXPECT_TRUE(keeps_channel({Stage::connect, FaultKind::system, ECONNREFUSED, ""}));
  EXPECT_TRUE(keeps_channel({Stage::tls, TlsProblem::other, ""}));
  EXPECT_TRUE(keeps_channel(upgrade(503)));
  EXPECT_TRUE(keeps_channel(upgrade(429)));
}

TEST(ChannelFaults, AnythingThatMayMeanTheChannelEndsIt) {
  EXPECT_FALSE(keeps_channel(closed(1000)));
  EXPECT_FALSE(keeps_channel(closed(1008)));
  EXPECT_FALSE(keeps_channel(closed(4000)));
  EXPECT_FALSE(keeps_channel(upgrade(401)));
  EXPECT_FALSE(keeps_channel(upgrade(404)));
  EXPECT_FALSE(keeps_channel({Stage::stream, FaultKind::protocol, 0, ""}));
}

TEST(ChannelFaults, OnlyNotFoundSaysThatAChannelIsGone) {
  EXPECT_TRUE(is_channel_gone(upgrade(404)));
  EXPECT_FALSE(is_channel_gone(upgrade(401)));
  EXPECT_FALSE(is_channel_gone(closed(404)));
}

TEST(ChannelStateNames, EveryStateHasOne) {
  for (int i = 0; i <= static_cast<int>(ChannelState::ended); ++i)
    EXPECT_NE(name(static_cast<ChannelState>(i)), "") << i;
}

}  // namespace
}  // namespace gcstreamd
