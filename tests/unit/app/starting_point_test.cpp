#include "gcstreamd/app/starting_point.hpp"

#include <gtest/gtest.h>

namespace gcstreamd {
namespace {

using Loaded = PositionKeeper::Loaded;
using Wish = SavedPosition::Wish;

class StartingPointTest : public testing::Test {
 protected:
  StartingPointTest() {
    config_.event_types = {"b", "a"};
    saved_.place = {4, 77};
    saved_.timestamp = WallTime(std::chrono::seconds(5));
    saved_.filter = {"a", "b"};
  }
  StartingPoint from(Loaded loaded) const { return starting_point(loaded, saved_, config_); }

  StreamConfig config_;
  SavedPosition saved_;
};

TEST_F(StartingPointTest, ASavedPositionIsGoneOnFrom) {
  config_.start_at = 5;
  const auto start = from(Loaded::found);
  EXPECT_EQ(start.place, (Place{4, 77}));
  EXPECT_EQ(start.resume_after, 77U);
  EXPECT_EQ(start.timestamp, saved_.timestamp);
  EXPECT_FALSE(start.other_filter);
  EXPECT_EQ(start.moved_cause, "");
}

TEST_F(StartingPointTest, NumbersOfOtherEventTypesBeginANewEpoch) {
  config_.event_types = {"a"};
  EXPECT_TRUE(from(Loaded::found).other_filter);
  EXPECT_EQ(from(Loaded::found).resume_after, 77U);
  saved_.filter.clear();  // saved before filters were
  EXPECT_FALSE(from(Loaded::found).other_filter);
}

TEST_F(StartingPointTest, WithoutOneTheConfigurationDecides) {
  saved_ = {};
  EXPECT_EQ(from(Loaded::absent).resume_after, std::nullopt);
  EXPECT_EQ(from(Loaded::absent).place, (Place{1, kNoNumber}));
  config_.start_at = 5;
  EXPECT_EQ(from(Loaded::absent).resume_after, 5U);
  EXPECT_EQ(from(Loaded::absent).place, (Place{1, 5}));
  EXPECT_EQ(from(Loaded::absent).moved_cause, "");
  config_.start_at = 0;
  EXPECT_EQ(from(Loaded::absent).resume_after, 0U);
}

TEST_F(StartingPointTest, AForeignOrDamagedOneIsNotUsedAndThatIsTold) {
  config_.start_at = 5;
  for (const auto loaded : {Loaded::foreign, Loaded::damaged}) {
    const auto start = from(loaded);
    EXPECT_EQ(start.place, (Place{5, 5}));
    EXPECT_EQ(start.resume_after, 5U);
    EXPECT_FALSE(start.timestamp);
    EXPECT_NE(start.moved_cause, "");
  }
}

TEST_F(StartingPointTest, AnOperatorsWishGoesBeforeTheConfiguration) {
  config_.start_at = 5;
  config_.event_types = {"a"};
  saved_.place = {4, kNoNumber};
  saved_.wish = Wish::tip;
  EXPECT_EQ(from(Loaded::found).resume_after, std::nullopt);
  saved_.wish = Wish::number;
  EXPECT_EQ(from(Loaded::found).resume_after, 0U);
  saved_.place.number = 9;
  const auto start = from(Loaded::found);
  EXPECT_EQ(start.resume_after, 9U);
  EXPECT_EQ(start.place, (Place{4, 9}));
  EXPECT_FALSE(start.timestamp);
  EXPECT_FALSE(start.other_filter);
}

TEST_F(StartingPointTest, APlaceWithoutANumberIsNone) {
  saved_.place.number = kNoNumber;
  EXPECT_EQ(from(Loaded::found).resume_after, std::nullopt);
  EXPECT_EQ(from(Loaded::found).place.epoch, 5U);
}

}  // namespace
}  // namespace gcstreamd
