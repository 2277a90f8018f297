#include "gcstreamd/app/progress_bar.hpp"

#include <gtest/gtest.h>

namespace gcstreamd {
namespace {

TEST(ProgressBar, TellsPercentAndSpeed) {
  EXPECT_EQ(ProgressBar::text(500'000'000, 1'000'000'000, 2),
            "[###############               ]  50 %  250 MB/s");
}

TEST(ProgressBar, ALogThatGrewMeanwhileIsNotBeyondItsEnd) {
  EXPECT_EQ(ProgressBar::text(11, 10, 1).substr(0, 40), "[##############################] 100 %  ");
}

TEST(ProgressBar, NothingIsAllOfNothing) {
  EXPECT_EQ(ProgressBar::text(0, 0, 0), "[##############################] 100 %  0 MB/s");
}

}  // namespace
}  // namespace gcstreamd
