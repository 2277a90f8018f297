#include "gcstreamd/core/sequence_verifier.hpp"

#include <gmock/gmock.h>

#include "helpers/times.hpp"

namespace gcstreamd {

void PrintTo(Order order, std::ostream* out) {
  constexpr std::string_view kNames[] = {"first", "in_order", "gap", "duplicate", "reset"};
  *out << kNames[static_cast<std::size_t>(order)];
}

namespace {

using namespace std::chrono_literals;

Event event(SequenceNumber number, std::string_view line = "{}",
            std::optional<WallTime> timestamp = std::nullopt) {
  return {line, "t", number, timestamp};
}

class SequenceVerifierTest : public testing::Test {
 protected:
  void deliver(const Event& one) { verifier_.delivered(one); }

  SequenceVerifier verifier_;
};

TEST_F(SequenceVerifierTest, TheFirstEventSetsTheStart) {
  EXPECT_FALSE(verifier_.last());
  EXPECT_EQ(verifier_.check(event(777)), Order::first);
  deliver(event(777));
  EXPECT_EQ(verifier_.last(), 777U);
  EXPECT_EQ(verifier_.expected(), 778U);
}

TEST_F(SequenceVerifierTest, WhatASinkHoldsAlreadyTellsDuplicatesFromResets) {
  SequenceVerifier verifier(41);
  verifier.remember(41, SequenceVerifier::content_of("{}"));
  EXPECT_EQ(verifier.check(event(41)), Order::duplicate);
  EXPECT_EQ(verifier.check(event(41, "{1}")), Order::reset);
  EXPECT_EQ(verifier.check(event(40)), Order::reset);  // nothing is remembered of it
}

/// What a sink holds of an event that it is given without its last character.
std::optional<std::size_t> shortened(std::string_view line) {
  return SequenceVerifier::content_of(line.substr(0, line.size() - 1));
}

TEST_F(SequenceVerifierTest, WhatASinkHoldsInPartTellsADuplicateByWhatItWouldHold) {
  SequenceVerifier verifier(41, wall(1s));
  verifier.remember_shown(41, SequenceVerifier::content_of("{"), shortened);
  EXPECT_EQ(verifier.check(event(41, "{}", wall(9s))), Order::duplicate);
  EXPECT_EQ(verifier.check(event(41, "[]", wall(9s))), Order::reset);
}

TEST_F(SequenceVerifierTest, OtherContentInPartTellsNothingBecauseTheRulesMayHaveChanged) {
  SequenceVerifier verifier(41, wall(1s));
  verifier.remember_shown(41, SequenceVerifier::content_of("{"), shortened);
  verifier.remember_shown(43, SequenceVerifier::content_of("{"), shortened);
  EXPECT_EQ(verifier.check(event(41, "[]", wall(1s))), Order::duplicate);
  EXPECT_EQ(verifier.check(event(42, "[]")), Order::in_order);
  EXPECT_EQ(verifier.check(event(43, "[]")), Order::gap);
  verifier.forget();
  verifier.delivered(event(41, "1"));
  EXPECT_EQ(verifier.check(event(41, "{}")), Order::reset);
}

TEST_F(SequenceVerifierTest, AnyOfSeveralSinksKnowsAnEventAgainAlsoOneThatHoldsItAsItCame) {
  SequenceVerifier verifier(41, wall(1s));
  verifier.remember_shown(40, SequenceVerifier::content_of("{}"), shortened);
  verifier.remember_shown(40, SequenceVerifier::content_of("?"), shortened);
  verifier.remember_shown(41, SequenceVerifier::content_of("{}"), nullptr);
  EXPECT_EQ(verifier.check(event(40, "{}", wall(9s))), Order::duplicate);
  EXPECT_EQ(verifier.check(event(41, "{}", wall(9s))), Order::duplicate);
  EXPECT_EQ(verifier.check(event(41, "[]", wall(9s))), Order::reset);
  EXPECT_EQ(verifier.check(event(41, "[]", wall(1s))), Order::duplicate);
}

TEST_F(SequenceVerifierTest, WhatSinksHoldInPartIsRememberedUpToItsMemory) {
  SequenceVerifier verifier(SequenceVerifier::kMemory + 1);
  for (SequenceNumber number = 1; number <= SequenceVerifier::kMemory + 1; ++number)
    verifier.remember_shown(number, SequenceVerifier::content_of("{"), shortened);
  EXPECT_EQ(verifier.check(event(1)), Order::reset);
  EXPECT_EQ(verifier.check(event(2)), Order::duplicate);
}

TEST_F(SequenceVerifierTest, NumbersOfBeforeARestartAreDuplicatesWhateverTheirTime) {
  SequenceVerifier verifier(41, wall(1s));
  verifier.presume(31);
  EXPECT_EQ(verifier.check(event(31, "{}", wall(9s))), Order::duplicate);
  EXPECT_EQ(verifier.check(event(41)), Order::duplicate);
  EXPECT_EQ(verifier.check(event(30, "{}", wall(9s))), Order::reset);
  EXPECT_EQ(verifier.check(event(30, "{}", wall(1s))), Order::duplicate);
  verifier.delivered(event(42, "{}", wall(5s)));
  EXPECT_EQ(verifier.check(event(31, "{}", wall(9s))), Order::reset);
}

TEST_F(SequenceVerifierTest, OtherBytesUnderANumberThatASinkHoldsAlreadyAreAReset) {
  SequenceVerifier verifier(41);
  verifier.remember(42, SequenceVerifier::content_of("{}"));
  verifier.remember(43, SequenceVerifier::content_of("{}"));
  EXPECT_EQ(verifier.check(event(42)), Order::in_order);
  EXPECT_EQ(verifier.check(event(42, "{1}")), Order::reset);
  EXPECT_EQ(verifier.check(event(43)), Order::gap);
  EXPECT_EQ(verifier.check(event(43, "{1}")), Order::reset);
  EXPECT_EQ(verifier.check(event(44, "{1}")), Order::gap);
  verifier.forget();
  EXPECT_EQ(verifier.check(event(42, "{1}")), Order::first);
}

TEST_F(SequenceVerifierTest, MovedBackItWaitsForTheSameNumbersAgain) {
  deliver(event(5));
  deliver(event(6));
  verifier_.move_to(4);
  EXPECT_EQ(verifier_.check(event(5)), Order::in_order);
  EXPECT_EQ(verifier_.check(event(4)), Order::reset);
}

TEST_F(SequenceVerifierTest, ChecksWithoutRemembering) {
  EXPECT_EQ(verifier_.check(event(5)), Order::first);
  EXPECT_EQ(verifier_.check(event(5)), Order::first);
}

TEST_F(SequenceVerifierTest, TellsInOrderAndGap) {
  deliver(event(5));
  EXPECT_EQ(verifier_.check(event(6)), Order::in_order);
  EXPECT_EQ(verifier_.check(event(7)), Order::gap);
  EXPECT_EQ(verifier_.check(event(kMaxNumber)), Order::gap);
}

TEST_F(SequenceVerifierTest, GoesOnAfterAGivenNumber) {
  SequenceVerifier verifier(41);
  EXPECT_EQ(verifier.expected(), 42U);
  EXPECT_EQ(verifier.check(event(42)), Order::in_order);
  EXPECT_EQ(verifier.check(event(43)), Order::gap);
}

TEST_F(SequenceVerifierTest, AfterZeroNumberOneIsInOrder) {
  EXPECT_EQ(SequenceVerifier(0).check(event(1)), Order::in_order);
  EXPECT_EQ(SequenceVerifier(0).check(event(2)), Order::gap);
}

TEST_F(SequenceVerifierTest, TheSameBytesUnderTheSameNumberAreADuplicateWhateverTheTime) {
  deliver(event(5, "five", wall()));
  deliver(event(6, "six", wall(1s)));
  EXPECT_EQ(verifier_.check(event(5, "five", wall())), Order::duplicate);
  EXPECT_EQ(verifier_.check(event(6, "six", wall(1s))), Order::duplicate);
  EXPECT_EQ(verifier_.check(event(5, "five", wall(1h))), Order::duplicate);
}

TEST_F(SequenceVerifierTest, OtherBytesUnderARememberedNumberAreAReset) {
  deliver(event(5, "five", wall()));
  EXPECT_EQ(verifier_.check(event(5, "other", wall())), Order::reset);
  EXPECT_EQ(verifier_.check(event(5, "other", wall(1s))), Order::reset);
}

TEST_F(SequenceVerifierTest, AForgottenNumberThatIsNotLaterIsADuplicate) {
  deliver(event(500, "x", wall()));
  EXPECT_EQ(verifier_.check(event(3, "y", wall())), Order::duplicate);
  EXPECT_EQ(verifier_.check(event(3, "y", wall(-1s))), Order::duplicate);
}

TEST_F(SequenceVerifierTest, AForgottenNumberThatIsLaterIsAReset) {
  deliver(event(500, "x", wall()));
  EXPECT_EQ(verifier_.check(event(3, "y", wall(1us))), Order::reset);
}

// Loss is never found, doubling is: where nothing says that it is old, it is new.
TEST_F(SequenceVerifierTest, AForgottenNumberWithoutATimeToCompareIsAReset) {
  deliver(event(500, "x", wall()));
  EXPECT_EQ(verifier_.check(event(3, "y")), Order::reset);
}

TEST_F(SequenceVerifierTest, AfterARestartNumbersThatBeganAnewAreAReset) {
  EXPECT_EQ(SequenceVerifier(500).check(event(1, "y", wall())), Order::reset);
}

TEST_F(SequenceVerifierTest, AfterARestartTheSavedTimeTellsOldFromNew) {
  const SequenceVerifier verifier(500, wall());
  EXPECT_EQ(verifier.last_timestamp(), wall());
  EXPECT_EQ(verifier.check(event(499, "y", wall())), Order::duplicate);
  EXPECT_EQ(verifier.check(event(1, "y", wall(1s))), Order::reset);
  EXPECT_EQ(verifier.check(event(501, "y")), Order::in_order);
}

TEST_F(SequenceVerifierTest, TheLastKnownTimeStaysWhenAnEventHasNone) {
  deliver(event(5, "five", wall(10s)));
  deliver(event(6, "six"));
  EXPECT_EQ(verifier_.check(event(2, "y", wall(5s))), Order::duplicate);
  EXPECT_EQ(verifier_.check(event(2, "y", wall(11s))), Order::reset);
}

TEST_F(SequenceVerifierTest, RemembersContentsUpToItsMemory) {
  constexpr auto kMemory = SequenceVerifier::kMemory;
  for (SequenceNumber n = 1; n <= kMemory + 1; ++n)
    deliver(event(n, "same", wall(std::chrono::seconds(n))));
  // Number 1 is forgotten (its place is taken), number 2 is not.
  EXPECT_EQ(verifier_.check(event(1, "same", wall(2h))), Order::reset);
  EXPECT_EQ(verifier_.check(event(1, "same", wall(1s))), Order::duplicate);
  EXPECT_EQ(verifier_.check(event(2, "same", wall(2h))), Order::duplicate);
  EXPECT_EQ(verifier_.check(event(2, "other", wall(1s))), Order::reset);
}

TEST_F(SequenceVerifierTest, MoveToGivesUpWhatIsMissing) {
  deliver(event(5, "five", wall()));
  verifier_.move_to(9);
  EXPECT_EQ(verifier_.last(), 9U);
  EXPECT_EQ(verifier_.check(event(10)), Order::in_order);
  EXPECT_EQ(verifier_.check(event(5, "five", wall())), Order::duplicate);
  // One of those given up that comes late is as old as what was delivered.
  EXPECT_EQ(verifier_.check(event(7, "seven", wall(-1s))), Order::duplicate);
}

TEST_F(SequenceVerifierTest, ForgetBeginsANewEpoch) {
  deliver(event(5, "five", wall()));
  verifier_.forget();
  EXPECT_FALSE(verifier_.last());
  EXPECT_EQ(verifier_.check(event(5, "five", wall())), Order::first);
  deliver(event(1, "one", wall(1s)));
  EXPECT_EQ(verifier_.check(event(2, "two")), Order::in_order);
}

}  // namespace
}  // namespace gcstreamd
