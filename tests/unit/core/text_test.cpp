#include "gcstreamd/core/text.hpp"

#include <gmock/gmock.h>

#include <array>
#include <limits>
#include <nlohmann/json.hpp>

namespace gcstreamd {
namespace {

struct Pair {
  std::string_view from;
  std::string_view to;
};

TEST(ParseNumber, TakesDigitsAlone) {
  EXPECT_EQ(parse_number("0"), 0U);
  EXPECT_EQ(parse_number("007"), 7U);
  EXPECT_EQ(parse_number("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "18446744073709551616"})
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

TEST(PercentEncode, KeepsUnreservedCharactersOnly) {
  const std::string_view unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  EXPECT_EQ(percent_encode(unreserved), unreserved);
  EXPECT_EQ(percent_encode(" +/=&?:%\"\n"), "%20%2B%2F%3D%26%3F%3A%25%22%0A");
  EXPECT_EQ(percent_encode(std::string_view("\0\xff\xc3\xa9", 4)), "%00%FF%C3%A9");
  EXPECT_EQ(percent_encode(""), "");
}

TEST(Base64, Rfc4648Vectors) {
  for (const auto& [from, to] :
       {Pair{"", ""}, Pair{"f", "Zg=="}, Pair{"fo", "Zm8="}, Pair{"foo", "Zm9v"},
        Pair{"foob", "Zm9vYg=="}, Pair{"fooba", "Zm9vYmE="}, Pair{"foobar", "Zm9vYmFy"}})
    EXPECT_EQ(base64(from), to);
}

TEST(Base64, EveryBitIsUsed) {
  EXPECT_EQ(base64("\xff\xff\xff"), "////");
  EXPECT_EQ(base64("\xfb\xef\xbe"), "++++");
  EXPECT_EQ(base64(std::string_view("\0\0\0", 3)), "AAAA");
}

TEST(ReplaceAll, DoesNotLookAtWhatItPutThere) {
  std::string text = "aXbXXc";
  replace_all(text, "X", "XX");
  EXPECT_EQ(text, "aXXbXXXXc");
  replace_all(text, "", "never");
  EXPECT_EQ(text, "aXXbXXXXc");
  replace_all(text, "X", "");
  EXPECT_EQ(text, "abc");
}

TEST(Join, PutsTheSeparatorBetweenParts) {
  EXPECT_EQ(join(std::vector<std::string>{}, " "), "");
  EXPECT_EQ(join(std::vector<std::string>{"a"}, " "), "a");
  EXPECT_EQ(join(std::vector<std::string>{"a", "b", "c"}, ", "), "a, b, c");
  EXPECT_EQ(join(std::vector<std::string_view>{"a", "b"}, "-"), "a-b");
}

TEST(Join, AnEmptyFirstPartIsAPartToo) {
  EXPECT_EQ(join(std::vector<std::string>{"", "a"}, ","), ",a");
}

TEST(Nearest, NamesTheCandidateThatWasMeant) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"interaction:conversation", "interaction:media", "buffer_size", "post"});
  EXPECT_EQ(nearest("interaction:conversations", kWords), "interaction:conversation");
  EXPECT_EQ(nearest("interaction:mdeia", kWords), "interaction:media");
  EXPECT_EQ(nearest("bufer_size", kWords), "buffer_size");
  EXPECT_EQ(nearest("pots", kWords), "post");
  EXPECT_EQ(nearest("post", kWords), "post");
}

TEST(Nearest, NamesNoneWhereNoneIsNear) {
  constexpr auto kWords = std::to_array<std::string_view>({"buffer_size", "ab"});
  EXPECT_EQ(nearest("event_types", kWords), "");
  EXPECT_EQ(nearest("", kWords), "");
  EXPECT_EQ(nearest("xy", kWords), "");
  EXPECT_EQ(nearest("buffer_size", {}), "");
  EXPECT_EQ(nearest(std::string(10000, 'b'), kWords), "");
}

TEST(JsonString, EscapesWhatMustBeEscaped) {
  EXPECT_EQ(json_string(""), R"("")");
  EXPECT_EQ(json_string("plain text"), R"("plain text")");
  EXPECT_EQ(json_string("a\"b\\c\n\r\t\x01"), R"("a\"b\\c\n\r\t\u0001")");
  EXPECT_EQ(json_string("\xc3\xa9\xf0\x9f\x98\x80"), "\"\xc3\xa9\xf0\x9f\x98\x80\"");
}

TEST(JsonString, OfAnyTwoBytesIsValidJsonOnOneLine) {
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; second += first < 128 ? 17 : 1) {
      const std::string bytes{static_cast<char>(first), static_cast<char>(second)};
      const std::string text = json_string(bytes);
      ASSERT_TRUE(nlohmann::json::accept(text)) << first << ' ' << second;
      ASSERT_EQ(text.find_first_of("\n\r"), std::string::npos);
    }
}

TEST(JsonString, BytesThatAreNotUtf8BecomeTheReplacementCharacter) {
  EXPECT_EQ(json_string("a\xff!"), "\"a\xef\xbf\xbd!\"");
}

TEST(Lower, ChangesTheLettersOfAsciiAlone) {
  EXPECT_EQ(lower("HTTP-Ä@[`{Z1"), "http-Ä@[`{z1");
}

TEST(WithoutLineBreak, TakesOneAway) {
  EXPECT_EQ(without_line_break("a\r\n"), "a");
  EXPECT_EQ(without_line_break("a\n\n"), "a\n");
  EXPECT_EQ(without_line_break("a b"), "a b");
  EXPECT_EQ(without_line_break(""), "");
}

TEST(AppendJsonString, KeepsWhatWasThere) {
  std::string out = "[";
  append_json_string(out, "a");
  out += ',';
  append_json_string(out, "\"");
  EXPECT_EQ(out, R"(["a","\"")");
}

TEST(ForTerminal, NothingSteersIt) {
  EXPECT_EQ(for_terminal("a\x1b[31m\n\x7f"), "a?[31m??");
  EXPECT_EQ(for_terminal("\u009b31m \u202eabc\u2066"), "?31m ?abc?");
  EXPECT_EQ(for_terminal("Zoë \u00a0 – 👋 \xC2"), "Zoë \u00a0 – 👋 \xC2");
}

TEST(Clip, CutsBetweenCharacters) {
  EXPECT_EQ(clip("abcdef", 3), "abc");
  EXPECT_EQ(clip("abc", 3), "abc");
  EXPECT_EQ(clip("abc", 0), "");
  EXPECT_EQ(clip("a\xc3\xa9z", 2), "a");
  EXPECT_EQ(clip("a\xc3\xa9z", 3), "a\xc3\xa9");
  EXPECT_EQ(clip("\xf0\x9f\x98\x80", 3), "");
}

TEST(Clip, ReplacesEveryKindOfBadUtf8) {
  EXPECT_EQ(clip("a\xff"
                 "b",
                 10),
            "a?b");
  EXPECT_EQ(clip("\xc3", 10), "?");                 // cut short
  EXPECT_EQ(clip("\x80\xbf", 10), "??");            // continuation alone
  EXPECT_EQ(clip("\xc0\xaf", 10), "??");            // overlong
  EXPECT_EQ(clip("\xe0\x80\xaf", 10), "???");       // overlong
  EXPECT_EQ(clip("\xf0\x80\x80\xaf", 10), "????");  // overlong
  EXPECT_EQ(clip("\xed\xa0\x80", 10), "???");       // surrogate
  EXPECT_EQ(clip("\xf4\x90\x80\x80", 10), "????");  // beyond U+10FFFF
  EXPECT_EQ(clip("\xf5\x80\x80\x80", 10), "????");
  EXPECT_EQ(clip("\xef\xbf\xbf\xf4\x8f\xbf\xbf", 10), "\xef\xbf\xbf\xf4\x8f\xbf\xbf");
}

}  // namespace
}  // namespace gcstreamd
