#include "gcstreamd/core/secret.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sstream>
#include <type_traits>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};

static_assert(!fmt::is_formattable<Secret>::value);
static_assert(!Streamable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>);

TEST(Secret, RevealsItsBytesIncludingNul) {
  const std::string bytes("a\0b\xff", 4);
  EXPECT_EQ(Secret(bytes).reveal(), bytes);
}

TEST(Secret, IsEmptyAtFirst) {
  EXPECT_TRUE(Secret().empty());
  EXPECT_EQ(Secret().reveal(), "");
  EXPECT_FALSE(Secret("x").empty());
}

TEST(Secret, CopiesAreIndependent) {
  Secret one("first");
  Secret two(one);
  one = Secret("second");
  EXPECT_EQ(two.reveal(), "first");
  two = one;
  EXPECT_EQ(two.reveal(), "second");
  EXPECT_TRUE(one == two);
}

TEST(Secret, MovingLeavesNothingBehind) {
  Secret one("first");
  const Secret two(std::move(one));
  EXPECT_EQ(two.reveal(), "first");
  EXPECT_TRUE(one.empty());  // NOLINT: what is left is the point
}

TEST(BasicCredentials, AreThoseOfRfc7617) {
  const Secret credentials = basic_credentials("Aladdin", Secret("open sesame"));
  EXPECT_EQ(credentials.reveal(), "QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST(Secret, AssignedToItselfStaysWhatItIs) {
  Secret one("first");
  const Secret& same = one;
  one = same;
  EXPECT_EQ(one.reveal(), "first");
}

TEST(Wipe, EmptiesShortAndLongStrings) {
  std::string brief = "short";
  std::string lengthy(1000, 's');
  wipe(brief);
  wipe(lengthy);
  EXPECT_EQ(brief, "");
  EXPECT_EQ(lengthy, "");
}

TEST(Wipe, OverwritesTheBytesThemselves) {
  std::string text(100, 's');
  const char* bytes = text.data();
  wipe(text);
  EXPECT_EQ(std::string_view(bytes, 1)[0], '\0');
}

TEST(Concat, JoinsPiecesInOrder) {
  EXPECT_EQ(concat({"id", ":", "secret", ""}).reveal(), "id:secret");
  EXPECT_TRUE(concat({}).empty());
}

class ScrubberTest : public testing::Test {
 protected:
  Scrubber scrubber_;
};

TEST_F(ScrubberTest, KnowsNothingAtFirst) {
  EXPECT_EQ(scrubber_.scrub("all of it stays"), "all of it stays");
}

TEST_F(ScrubberTest, ReplacesEveryOccurrence) {
  scrubber_.know("token", Secret("tok-123"));
  EXPECT_EQ(scrubber_.scrub("tok-123 and tok-123tok-123!"), "*** and ******!");
}

TEST_F(ScrubberTest, ShowsNoPartOfASecretAtTheCut) {
  scrubber_.know("token", Secret("tok-0123456789"));
  const std::string before(Scrubber::kShown - 7, '.');
  const std::string shown = scrubber_.shown(before + "tok-0123456789" + std::string(100, '.'));
  EXPECT_LE(shown.size(), Scrubber::kShown);
  EXPECT_THAT(shown, testing::Not(testing::HasSubstr("tok")));
}

TEST_F(ScrubberTest, ReplacesThePercentEncodedForm) {
  scrubber_.know("client_secret", Secret("a+b/c=d e"));
  EXPECT_EQ(scrubber_.scrub("client_secret=a%2Bb%2Fc%3Dd%20e&x"), "client_secret=***&x");
  EXPECT_EQ(scrubber_.scrub("plain a+b/c=d e."), "plain ***.");
}

TEST_F(ScrubberTest, ReplacesThePercentEncodedFormInLowerCaseToo) {
  scrubber_.know("client_secret", Secret("a+b/c=d"));
  EXPECT_EQ(scrubber_.scrub("client_secret=a%2bb%2fc%3dd&x"), "client_secret=***&x");
}

TEST_F(ScrubberTest, ReplacesWhatIsPercentEncodedOnlyInPart) {
  scrubber_.know("token", Secret("OLDtok+AAA/BBB=="));
  for (const char* shown : {"OLDtok%2BAAA/BBB%3D%3D",
                            "OLDtok+AAA%2fBBB==", "%4fLDtok+AAA/BBB%3D=", "OLDtok%2bAAA/BBB=%3d"})
    EXPECT_EQ(scrubber_.scrub(shown), "***") << shown;
}

TEST_F(ScrubberTest, ReplacesWhatIsEscapedAsInJson) {
  scrubber_.know("token", Secret("tok/a=\"b"));
  EXPECT_EQ(scrubber_.scrub(R"("tok\/a\u003d\"b")"), R"("***")");
  EXPECT_EQ(scrubber_.scrub(R"("tok\u002Fa=\u0022b")"), R"("***")");
}

TEST_F(ScrubberTest, ReplacesASecretThatLooksEncodedItself) {
  scrubber_.know("client_secret", Secret("%25x\\y"));
  for (const char* shown : {"%25x\\y", "%2525x%5Cy", "%2525x\\\\y"})
    EXPECT_EQ(scrubber_.scrub(shown), "***") << shown;
}

TEST_F(ScrubberTest, LeavesTextAloneThatOnlyLooksEncoded) {
  scrubber_.know("token", Secret("tok+1"));
  for (const char* text : {"tok%2", "tok%2G1", "tok%2C1", "tok\\u002b", "%", "tok", "\\"})
    EXPECT_EQ(scrubber_.scrub(text), text);
}

TEST_F(ScrubberTest, ASecretThatBeginsAnotherLeavesNothingOfTheLongerOne) {
  scrubber_.know("client_secret", Secret("abcd1234"));
  scrubber_.know("token", Secret("abcd1234-and-more"));
  EXPECT_THAT(scrubber_.scrub("seen: abcd1234-and-more"), Not(testing::HasSubstr("and-more")));
}

TEST_F(ScrubberTest, ANewSecretReplacesTheOneUnderTheSameSlotOnly) {
  scrubber_.know("token", Secret("first-token"));
  scrubber_.know("client_secret", Secret("the-secret"));
  scrubber_.know("token", Secret("second-token"));
  EXPECT_EQ(scrubber_.scrub("second-token the-secret"), "*** ***");
}

TEST_F(ScrubberTest, LeavesTextAloneForSecretsUnderFourBytes) {
  scrubber_.know("token", Secret("abc"));
  EXPECT_EQ(scrubber_.scrub("abc abcd"), "abc abcd");
  scrubber_.know("token", Secret(""));
  EXPECT_EQ(scrubber_.scrub("abc"), "abc");
  scrubber_.know("token", Secret("abcd"));
  EXPECT_EQ(scrubber_.scrub("abc abcd"), "abc ***");
}

TEST_F(ScrubberTest, WorksOnBytesThatAreNotText) {
  scrubber_.know("token", Secret("tok-123"));
  EXPECT_EQ(scrubber_.scrub(std::string("\xff\0tok-123\x80", 10)), std::string("\xff\0***\x80", 6));
}

}  // namespace
}  // namespace gcstreamd
