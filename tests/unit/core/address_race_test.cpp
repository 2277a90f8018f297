#include "gcstreamd/core/address_race.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using enum AddressRace::Family;
using Indices = std::vector<std::size_t>;

constexpr SteadyTime kStart{};

/// The order in which addresses are tried that all stay silent.
Indices order_of(const std::vector<AddressRace::Family>& addresses) {
  AddressRace race(addresses);
  Indices order;
  SteadyTime now = kStart;
  for (auto move = race.begin(now); move.connect; move = race.on_delay(now)) {
    order.push_back(*move.connect);
    if (!move.look_again)
      break;
    EXPECT_EQ(*move.look_again, now + AddressRace::kDelay);
    now = *move.look_again;
  }
  return order;
}

TEST(AddressRaceOrder, FamiliesTakeTurnsFromTheFirstOne) {
  EXPECT_EQ(order_of({v6, v6, v6, v4, v4}), (Indices{0, 3, 1, 4, 2}));
  EXPECT_EQ(order_of({v4, v6, v6}), (Indices{0, 1, 2}));
  EXPECT_EQ(order_of({v4, v4, v6}), (Indices{0, 2, 1}));
  EXPECT_EQ(order_of({v4, v4}), (Indices{0, 1}));
  EXPECT_EQ(order_of({v6}), (Indices{0}));
}

TEST(AddressRaceOrder, NoMoreAreTriedThanHelp) {
  EXPECT_EQ(order_of(std::vector(100, v4)).size(), AddressRace::kMost);
}

TEST(AddressRaceTest, ASilentAddressIsGivenAQuarterOfASecondAhead) {
  AddressRace race({v6, v4});
  const auto first = race.begin(kStart);
  EXPECT_EQ(first.connect, 0U);
  EXPECT_EQ(first.look_again, kStart + 250ms);
  const auto second = race.on_delay(kStart + 250ms);
  EXPECT_EQ(second.connect, 1U);
  EXPECT_FALSE(second.look_again);
  EXPECT_FALSE(second.lost);
}

TEST(AddressRaceTest, AFailureBeginsTheNextAtOnce) {
  AddressRace race({v6, v4, v6});
  race.begin(kStart);
  const auto move = race.on_failure(ECONNREFUSED, kStart + 10ms);
  EXPECT_EQ(move.connect, 1U);
  EXPECT_EQ(move.look_again, kStart + 260ms);
}

TEST(AddressRaceTest, IsLostWhenTheLastOneFailed) {
  AddressRace race({v6, v4});
  race.begin(kStart);
  race.on_delay(kStart + 250ms);
  EXPECT_FALSE(race.on_failure(ETIMEDOUT, kStart + 300ms).lost);
  const auto move = race.on_failure(ECONNREFUSED, kStart + 400ms);
  EXPECT_TRUE(move.lost);
  EXPECT_FALSE(move.connect);
}

TEST(AddressRaceTest, ALateDelayBeginsNothingMore) {
  AddressRace race({v4});
  race.begin(kStart);
  const auto move = race.on_delay(kStart + 250ms);
  EXPECT_FALSE(move.connect);
  EXPECT_FALSE(move.lost);
}

TEST(AddressRaceTest, WithoutAddressesIsLostAtOnce) {
  AddressRace race({});
  EXPECT_TRUE(race.begin(kStart).lost);
  EXPECT_EQ(race.error(), 0);
}

TEST(AddressRaceError, AHostThatWasReachedTellsMoreThanAMissingRoute) {
  AddressRace race({v6, v4, v6});
  race.begin(kStart);
  race.on_failure(ENETUNREACH, kStart);
  EXPECT_EQ(race.error(), ENETUNREACH);
  race.on_failure(ECONNREFUSED, kStart);
  race.on_failure(ENETUNREACH, kStart);
  EXPECT_EQ(race.error(), ECONNREFUSED);
}

}  // namespace
}  // namespace gcstreamd
