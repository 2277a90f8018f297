#include "gcstreamd/core/number_repair.hpp"

#include <gmock/gmock.h>

#include <optional>

namespace gcstreamd {
namespace {

std::optional<std::string> repaired(std::string_view text) {
  std::string out = "what was there before";
  return replace_wide_numbers(text, out) ? std::optional(out) : std::nullopt;
}

struct Case {
  std::string_view from;
  std::string_view to;
};

class ReplaceWideNumbers : public testing::TestWithParam<Case> {};

TEST_P(ReplaceWideNumbers, ChangesWideNumbersOnly) {
  EXPECT_EQ(repaired(GetParam().from), GetParam().to);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ReplaceWideNumbers,
    testing::Values(Case{"", ""}, Case{"{}", "{}"}, Case{"0", "0"}, Case{"-0", "-0"},
                    Case{"123456789012345", "123456789012345"}, Case{"-1.5", "-1.5"},
                    Case{R"({"a":123456789012345678901234567890})", R"({"a":0})"},
                    Case{R"({"a":-123456789012345678901234567890,"b":1})", R"({"a":0,"b":1})"},
                    Case{"[1e400]", "[0]"}, Case{"[1E+400,-1e-400]", "[0,0]"},
                    Case{"[0.1234567890123456789012345]", "[0]"},
                    Case{R"(["1e400",1e400])", R"(["1e400",0])"},
                    Case{R"({"1e400\"":1e400})", R"({"1e400\"":0})"},
                    Case{R"(["\\",1e400])", R"(["\\",0])"}, Case{R"("open)", R"("open)"},
                    Case{R"("open\)", R"("open\)"}, Case{"true", "true"}));

TEST(ReplaceWideNumbers, KeepsEverySequenceNumberThatIsAllowed) {
  EXPECT_EQ(repaired("[9007199254740991,1e400]"), "[9007199254740991,0]");
  EXPECT_EQ(repaired("[1000000000000000,1e400]"), "[1000000000000000,0]");
}

class BadNumber : public testing::TestWithParam<std::string_view> {};

TEST_P(BadNumber, IsRefused) {
  EXPECT_FALSE(repaired(GetParam())) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Texts, BadNumber,
                         testing::Values("01", "-", "--1", "-01", "1.", "-.5", "1.e5", "1e", "1e+",
                                         "1e-", "1ee5", "1.2.3", "1-2", "1+2", "0e", "[00]",
                                         R"({"a":012345678901234567890})", "1e5.5", "-e5"));

}  // namespace
}  // namespace gcstreamd
