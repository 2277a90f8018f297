#include "gcstreamd/core/json_span.hpp"

#include <gmock/gmock.h>

namespace gcstreamd {
namespace {

TEST(JsonSpan, EveryKindOfValueIsFound) {
  constexpr auto kText =
      " {\"a\":1.5e3,\"b\":\"x\\\"}\",\"c\":{\"a\":[{}]},\"d\":[\"]\",[1]],\n\"e\" : null , "
      "\"f\":true}";
  EXPECT_EQ(member_text(kText, "a"), "1.5e3");
  EXPECT_EQ(member_text(kText, "b"), R"("x\"}")");
  EXPECT_EQ(member_text(kText, "c"), R"({"a":[{}]})");
  EXPECT_EQ(member_text(kText, "d"), R"(["]",[1]])");
  EXPECT_EQ(member_text(kText, "e"), "null");
  EXPECT_EQ(member_text(kText, "f"), "true");
}

TEST(JsonSpan, KeysInsideOtherValuesAreNotLookedAt) {
  EXPECT_EQ(member_text(R"({"x":{"key":1},"y":"\"key\":2"})", "key"), "");
}

TEST(JsonSpan, NoKeyIsTakenForALongerOne) {
  EXPECT_EQ(member_text(R"({"keys":1,"ke":2,"key":3})", "key"), "3");
}

TEST(JsonSpan, AnArrayHasItsElements) {
  EXPECT_THAT(element_texts(" [ 1 ,{\"a\":[2,3]},\"],\" ,[], null ]"),
              testing::ElementsAre("1", "{\"a\":[2,3]}", "\"],\"", "[]", "null"));
  EXPECT_THAT(element_texts("[]"), testing::IsEmpty());
  EXPECT_THAT(element_texts("[ ]"), testing::IsEmpty());
  EXPECT_THAT(element_texts("{}"), testing::IsEmpty());
  EXPECT_THAT(element_texts(""), testing::IsEmpty());
}

TEST(JsonSpan, NothingIsFoundInNothing) {
  EXPECT_EQ(member_text("", "a"), "");
  EXPECT_EQ(member_text("{}", "a"), "");
  EXPECT_EQ(member_text("[1]", "a"), "");
  EXPECT_EQ(member_text("{ }", "a"), "");
}

}  // namespace
}  // namespace gcstreamd
