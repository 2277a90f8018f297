#include "simulator/notifications/request_allowance.hpp"

#include <gtest/gtest.h>

namespace gcstream_sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr RequestAllowance::Time kNoon{seconds(1'767'268'800)};

TEST(RequestAllowance, refuses_what_is_too_much_and_says_until_when) {
  RequestAllowance allowance(3, seconds(60));
  for (std::size_t i = 1; i <= 3; ++i) {
    const auto verdict = allowance.take(kNoon + seconds(10 * i));
    EXPECT_TRUE(verdict.allowed);
    EXPECT_EQ(verdict.count, i);
  }
  const auto refused = allowance.take(kNoon + milliseconds(30'500));
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.reset, seconds(40));
  EXPECT_TRUE(allowance.take(kNoon + milliseconds(30'500) + refused.reset).allowed);
}

TEST(RequestAllowance, a_refused_request_does_not_count) {
  RequestAllowance allowance(1, seconds(60));
  EXPECT_TRUE(allowance.take(kNoon).allowed);
  EXPECT_FALSE(allowance.take(kNoon + seconds(59)).allowed);
  EXPECT_TRUE(allowance.take(kNoon + seconds(60)).allowed);
}

TEST(RequestAllowance, a_burst_over_the_turn_of_a_minute_is_too_much) {
  RequestAllowance allowance(2, seconds(60));
  EXPECT_TRUE(allowance.take(kNoon).allowed);
  EXPECT_TRUE(allowance.take(kNoon + seconds(59)).allowed);
  EXPECT_TRUE(allowance.take(kNoon + seconds(60)).allowed);
  EXPECT_FALSE(allowance.take(kNoon + seconds(61)).allowed);
}

TEST(RequestAllowance, no_limit_is_no_limit) {
  RequestAllowance allowance(0, seconds(60));
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(allowance.take(kNoon).allowed);
  }
}

}  // namespace
}  // namespace gcstream_sim
