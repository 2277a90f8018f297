#include "gcstreamd/core/request_budget.hpp"

#include <gmock/gmock.h>

#include <deque>
#include <map>
#include <random>

#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using enum RequestBudget::Urgency;

constexpr RequestBudgetOptions kSmall{4, 60s, 1};

class RequestBudgetTest : public testing::Test {
 protected:
  bool take(std::string_view who, std::chrono::milliseconds when,
            RequestBudget::Urgency urgency = live) {
    return budget_.take(who, urgency, at(when));
  }
  std::chrono::milliseconds next(std::string_view who, std::chrono::milliseconds when,
                                 RequestBudget::Urgency urgency = live) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        budget_.next(who, urgency, at(when)) - at(0ms));
  }
  void use_up() {
    for (int i = 0; i < 4; ++i)
      ASSERT_TRUE(take("a", i * 1s));
  }

  RequestBudget budget_{kSmall};
};

TEST_F(RequestBudgetTest, TheWindowSlides) {
  use_up();
  EXPECT_FALSE(take("a", 4s));
  EXPECT_EQ(next("a", 4s), 60s);
  EXPECT_FALSE(take("a", 59999ms));
  EXPECT_TRUE(take("a", 60s));
  EXPECT_FALSE(take("a", 60s));
  EXPECT_EQ(next("a", 60s), 61s);
}

TEST_F(RequestBudgetTest, BackgroundLeavesTheReserveAlone) {
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(take("a", 0s, background));
  EXPECT_FALSE(take("a", 1s, background));
  EXPECT_TRUE(take("a", 1s, live));
  EXPECT_FALSE(take("a", 1s, live));
}

TEST_F(RequestBudgetTest, WhoCameFirstGoesFirst) {
  use_up();
  EXPECT_FALSE(take("a", 10s));
  EXPECT_FALSE(take("b", 11s));
  EXPECT_FALSE(take("a", 12s));
  EXPECT_EQ(next("a", 12s), 60s);
  EXPECT_EQ(next("b", 12s), 61s);
  EXPECT_FALSE(take("b", 60s));
  EXPECT_TRUE(take("a", 60s));
  EXPECT_FALSE(take("a", 61s)) << "b was first";
  EXPECT_TRUE(take("b", 61s));
  EXPECT_TRUE(take("a", 62s));
}

TEST_F(RequestBudgetTest, LiveGoesBeforeBackground) {
  use_up();
  EXPECT_FALSE(take("poll", 5s, background));
  EXPECT_FALSE(take("channel", 6s, live));
  EXPECT_EQ(next("channel", 6s), 60s);
  EXPECT_EQ(next("poll", 6s, background), 62s);
  EXPECT_TRUE(take("channel", 60s, live));
  EXPECT_FALSE(take("poll", 61s, background));
  EXPECT_TRUE(take("poll", 62s, background));
}

TEST_F(RequestBudgetTest, WhoDoesNotComeLosesItsPlace) {
  use_up();
  EXPECT_FALSE(take("gone", 5s));
  EXPECT_FALSE(take("b", 6s));
  EXPECT_FALSE(take("b", 60s));
  EXPECT_TRUE(take("b", 61s));
  EXPECT_EQ(budget_.waiting(), 1U);
  EXPECT_TRUE(take("b", 65001ms));
  EXPECT_EQ(budget_.waiting(), 0U);
}

TEST_F(RequestBudgetTest, WhoLeavesFreesItsPlace) {
  use_up();
  EXPECT_FALSE(take("a", 5s));
  EXPECT_FALSE(take("b", 6s));
  budget_.leave("a");
  EXPECT_TRUE(take("b", 60s));
}

TEST_F(RequestBudgetTest, RetryAfterStopsEverything) {
  budget_.refused(live, 30s, at(0s));
  budget_.refused(live, 10s, at(1s));
  EXPECT_FALSE(take("a", 29999ms));
  EXPECT_EQ(next("a", 29999ms), 30s);
  EXPECT_TRUE(take("a", 30s));
}

TEST_F(RequestBudgetTest, AQuerysRetryAfterStopsNoChannel) {
  budget_.refused(background, 30s, at(0s));
  EXPECT_FALSE(take("a", 1s, background));
  EXPECT_TRUE(take("b", 1s));
  EXPECT_TRUE(take("a", 30s, background));
}

TEST_F(RequestBudgetTest, ALimitOfNoneLetsNothingGo) {
  RequestBudget none({0, 60s, 0});
  EXPECT_FALSE(none.take("a", live, at(0s)));
}

TEST_F(RequestBudgetTest, NoWindowEverHoldsMoreThanTheLimit) {
  RequestBudget budget;
  std::mt19937_64 random(1);
  std::deque<std::chrono::milliseconds> sent;
  std::map<std::string, int> share;
  std::chrono::milliseconds now{0};
  for (int i = 0; i < 20000; ++i) {
    now += std::chrono::milliseconds(random() % 50);
    const std::string who(1, static_cast<char>('a' + random() % 3));
    if (!budget.take(who, random() % 2 ? live : background, at(now)))
      continue;
    ++share[who];
    sent.push_back(now);
    while (now - sent.front() >= 60s)
      sent.pop_front();
    ASSERT_LE(sent.size(), 300U);
  }
  for (const auto& [who, count] : share)
    EXPECT_GT(count, 600) << who;
}

TEST_F(RequestBudgetTest, WhoAsksWhenToldGetsIt) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 200; ++round) {
    RequestBudget budget(kSmall);
    std::chrono::milliseconds now{0};
    for (int i = 0; i < 30; ++i) {
      now += std::chrono::milliseconds(random() % 30000);
      const auto urgency = random() % 2 ? live : background;
      if (budget.take("a", urgency, at(now)))
        continue;
      const SteadyTime due = budget.next("a", urgency, at(now));
      ASSERT_GT(due, at(now));
      ASSERT_TRUE(budget.take("a", urgency, due));
      now = std::chrono::duration_cast<std::chrono::milliseconds>(due - at(0ms));
    }
  }
}

TEST(RequestBudgetConfigureTest, AnotherLimitHoldsFromTheNextRequestOn) {
  RequestBudget budget({1, std::chrono::seconds{60}, 0});
  const SteadyTime now{};
  EXPECT_TRUE(budget.take("a", live, now));
  EXPECT_FALSE(budget.take("a", live, now));
  budget.configure({2, std::chrono::seconds{60}, 0});
  EXPECT_TRUE(budget.take("a", live, now));
}

}  // namespace
}  // namespace gcstreamd
