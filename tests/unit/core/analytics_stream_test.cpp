#include "gcstreamd/core/analytics_stream.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "gcstreamd/core/time_format.hpp"
#include "helpers/padded.hpp"

namespace gcstreamd {
namespace {

using nlohmann::json;

/// A frame with its own copies of what it showed.
struct Decoded {
  std::string kind;  ///< "event", "heartbeat" or the rejection's name
  std::string line;
  std::string type;
  SequenceNumber number = kNoNumber;
  std::optional<WallTime> timestamp;
};

class AnalyticsStreamTest : public testing::Test {
 protected:
  Decoded decode(std::string_view message) {
    const Padded padded(message);
    const Frame frame = protocol_.decode(padded.view());
    if (const auto* event = std::get_if<Event>(&frame))
      return {"event", std::string(event->line), std::string(event->type), event->number,
              event->timestamp};
    if (const auto* rejection = std::get_if<Rejection>(&frame)) {
      EXPECT_FALSE(rejection->error.empty());
      return {std::string(name(rejection->kind)), {}, {}, {}, {}};
    }
    if (const auto* refusal = std::get_if<Refusal>(&frame))
      return {fmt::format("refusal {} {}", refusal->status, refusal->words), {}, {}, {}, {}};
    return {"heartbeat", {}, {}, std::get<Heartbeat>(frame).number, {}};
  }
  std::string kind(std::string_view message) { return decode(message).kind; }

  AnalyticsStream protocol_{{"routing:queue:member", "interaction:media"}, 100};
};

TEST_F(AnalyticsStreamTest, YieldsTypeNumberAndTimestamp) {
  const auto event = decode(
      R"({"eventType":"interaction:media","sequenceNumber":42,"timestamp":"2026-11-23T18:44:55Z"})");
  EXPECT_EQ(event.kind, "event");
  EXPECT_EQ(event.type, "interaction:media");
  EXPECT_EQ(event.number, 42U);
  EXPECT_EQ(event.timestamp, parse_time("2026-11-23T18:44:55Z"));
}

TEST_F(AnalyticsStreamTest, AHeartbeatMayCarryANumber) {
  EXPECT_EQ(decode(R"({"type":"heartbeat"})").number, kNoNumber);
  EXPECT_EQ(decode(R"({"type":"heartbeat","sequenceNumber":12})").number, 12U);
  for (std::string_view none : {"0", "-1", "1.5", "\"7\"", "null", "9007199254740992"}) {
    const auto beat = decode(fmt::format(R"({{"type":"heartbeat","sequenceNumber":{}}})", none));
    EXPECT_EQ(beat.kind, "heartbeat") << none;
    EXPECT_EQ(beat.number, kNoNumber) << none;
  }
}

struct InBand {
  std::string_view message;
  std::string_view kind;
};

class InBandMessage : public AnalyticsStreamTest, public testing::WithParamInterface<InBand> {};

TEST_P(InBandMessage, IsARefusalOrNot) {
  EXPECT_EQ(kind(GetParam().message), GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, InBandMessage,
    testing::Values(
        InBand{R"({"type":"error","status":403,"message":"no"})", "refusal 403 no"},
        InBand{R"({"type":"error","code":"403","message":"no"})", "refusal 403 no"},
        InBand{R"({"statusCode":429,"message":"slow down"})", "refusal 429 slow down"},
        InBand{R"({"code":"missing.permissions","status":403,"message":"m","contextId":"c"})",
               "refusal 403 m"},
        InBand{R"({"error":{"code":401,"message":"expired"}})", "refusal 401 expired"},
        InBand{R"({"error":"forbidden"})", "refusal 403 forbidden"},
        InBand{R"({"type":"error","message":"403 Forbidden"})", "refusal 403 403 Forbidden"},
        InBand{R"({"type":"error","status":503,"message":"no"})", "refusal 503 no"},
        InBand{R"({"type":"error","status":403})", "refusal 403 "},
        InBand{R"({"type":"error","status":600,"message":"no"})", "invalid_event"},
        InBand{R"({"type":"notice","message":"403 Forbidden"})", "invalid_event"},
        InBand{R"({"type":"error","message":"agent 4030 left"})", "invalid_event"},
        InBand{R"({"status":404})", "invalid_event"},
        InBand{R"({"code":403.5,"message":"no"})", "invalid_event"},
        InBand{R"({"error":null})", "invalid_event"},
        InBand{R"({"eventType":"a","status":403,"error":"forbidden"})", "event"},
        InBand{R"({"type":"heartbeat","status":403,"message":"x"})", "heartbeat"}));

TEST_F(AnalyticsStreamTest, ATimestampThatIsNotRfc3339IsNone) {
  for (std::string_view value : {R"("yesterday")", "5", "null", "{}", R"("")"}) {
    const auto event = decode(fmt::format(R"({{"eventType":"a","timestamp":{}}})", value));
    EXPECT_EQ(event.kind, "event") << value;
    EXPECT_FALSE(event.timestamp) << value;
  }
}

TEST_F(AnalyticsStreamTest, UnescapesTypeAndKeys) {
  const auto event = decode(R"({"event\u0054ype":"a\u003ab","sequence\u004eumber":7})");
  EXPECT_EQ(event.kind, "event");
  EXPECT_EQ(event.type, "a:b");
  EXPECT_EQ(event.number, 7U);
}

TEST_F(AnalyticsStreamTest, OnlyTheOutermostMembersCount) {
  const auto event = decode(
      R"({"data":{"eventType":"no","sequenceNumber":9},"eventType":"yes","sequenceNumber":1,)"
      R"("more":[{"eventType":"no"}]})");
  EXPECT_EQ(event.type, "yes");
  EXPECT_EQ(event.number, 1U);
}

class ValidEvent : public AnalyticsStreamTest, public testing::WithParamInterface<std::string> {};

TEST_P(ValidEvent, KeepsItsOwnBytes) {
  const auto event = decode(GetParam());
  EXPECT_EQ(event.kind, "event") << GetParam();
  EXPECT_EQ(event.line, GetParam());
}

std::string nested(std::size_t depth) {
  return R"({"eventType":"a","d":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') +
         "}";
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ValidEvent,
    testing::Values(
        R"({"eventType":"a"})", R"( { "eventType" : "a" , "n" : [ 1 , 2 ] } )",
        "\t{\"eventType\":\t\"a\"}\t", R"({"eventType":"a","":""})",
        R"({"":{"":{}},"eventType":"a"})",
        R"({"eventType":"a","w":123456789012345678901234567890})",
        R"({"eventType":"a","w":-123456789012345678901234567890,"x":18446744073709551616})",
        R"({"eventType":"a","w":1e400,"x":-1E+400,"y":1e-400})",
        R"({"eventType":"a","w":0.123456789012345678901234567890123456789})",
        R"({"eventType":"a","w":[-0,-0.0,0e0,0E+1,1.5e-7]})",
        R"({"eventType":"a","w":[9007199254740993,9223372036854775808,18446744073709551615]})",
        R"({"eventType":"a","t":[true,false,null,{},[]]})",
        R"({"eventType":"a","s":"\u00e9\u20ac\ud83d\ude00\"\\\/\b\f\n\r\t\u0000\uFFFF"})",
        "{\"eventType\":\"a\",\"s\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f\"}",
        "{\"eventType\":\"a\",\"s\":\"\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf\xf4\x8f\xbf\xbf\"}",
        R"({"eventType":"a","nested":{"same":1,"x":{"same":2}}})",
        R"({"eventType":"a","e":"1e400 01 +1 .5 // /* NaN"})",
        R"({"sequenceNumber":9007199254740991,"eventType":"a"})",
        R"({"eventType":"a","sequenceNumber":9007199254740991,"w":123456789012345678901234567890})",
        R"({"eventType":"a","sequenceNumber":1000000000000000,"w":1e400})",
        R"({"eventType":"a","big":")" + std::string(300000, 'x') + "\"}",
        R"({"eventType":"a","sequenceNumber":7,"type":"heartbeat"})", nested(2), nested(64),
        nested(200)));

class Rejected : public AnalyticsStreamTest, public testing::WithParamInterface<std::string> {};

TEST_P(Rejected, IsNotAnEvent) {
  const std::string got = kind(GetParam());
  EXPECT_TRUE(got == "json_parse_error" || got == "frame_deserialization_error") << got;
  // And it is still usable.
  EXPECT_EQ(kind(R"({"eventType":"a"})"), "event");
}

/// An event with `value` in it.
std::string with(std::string_view value) {
  return fmt::format(R"({{"eventType":"a","v":{}}})", value);
}
std::string with_text(std::string_view inside) {
  return with("\"" + std::string(inside) + "\"");
}

INSTANTIATE_TEST_SUITE_P(
    Structure, Rejected,
    testing::Values(
        "", " ", "\n", "\t \r\n", "{", "}", "{\"eventType\":\"a\"", "{\"eventType\":\"a\"}}",
        "{\"eventType\":\"a\"}]", "{\"eventType\":\"a\",}", "{,\"eventType\":\"a\"}",
        "{\"eventType\":\"a\",,\"b\":1}", "{\"eventType\" \"a\"}", "{\"eventType\"::\"a\"}",
        "{\"eventType\":\"a\" \"b\":1}", "{\"eventType\":}", "{\"eventType\"}", "{eventType:\"a\"}",
        "{'eventType':'a'}", "{\"eventType\":\"a\"} x", "{\"eventType\":\"a\"}{}",
        "{\"eventType\":\"a\"}\n{\"eventType\":\"b\"}", "{\"eventType\":\"a\"},",
        "{\"eventType\":\"a\"} // c", "/* c */{\"eventType\":\"a\"}", "{\"eventType\":\"a\"#}",
        "{1:2,\"eventType\":\"a\"}", "{null:2,\"eventType\":\"a\"}", "[1,2", "[1,,2]", "[1,]",
        "x{\"eventType\":\"a\"}", "\xef\xbb\xbf{\"eventType\":\"a\"}",
        std::string("{\"eventType\":\"a\"}\0", 18), std::string("{\"eventType\":\"a\"}\0 ", 19),
        std::string("\0{\"eventType\":\"a\"}", 18), std::string("{\"eventType\":\0\"a\"}", 18),
        std::string("{\"eventType\":\"a\0\"}", 18), std::string(1, '\0'),
        "\x0b{\"eventType\":\"a\"}", "{\"eventType\":\"a\"}\x0c", "{\"eventType\":\"a\"}\xc2\xa0",
        "{\"eventType\":\"a\"}\xe2\x80\xa8", nested(257), nested(1000), nested(100000),
        std::string(100000, '['), std::string(100000, '{'), "\"abc", "tru", "nul"));

INSTANTIATE_TEST_SUITE_P(
    Values, Rejected,
    testing::Values(with("+1"), with(".5"), with("1."), with("-"), with("-.5"), with("01"),
                    with("-01"), with("00"), with("1.e5"), with("1e"), with("1e+"), with("1ee5"),
                    with("0x10"), with("1_000"), with("1 2"), with("--1"), with("NaN"), with("nan"),
                    with("Infinity"), with("-Infinity"), with("Inf"), with("True"), with("TRUE"),
                    with("nulll"), with("truefalse"), with("undefined"), with("1/2"), with("1a"),
                    with("123456789012345678901234567890a"), with("1e400x"), with("01e400"),
                    with("[1e400 1]"), with("[1e400,]"), with("1e400\xff"), with("\xef\xbc\x91"),
                    with("1\xc2\xa0"), with("{]"), with("[}"), with("")));

INSTANTIATE_TEST_SUITE_P(
    Strings, Rejected,
    testing::Values(with("\"open"), with("open\""), with_text("\\"), with_text("\\x41"),
                    with_text("\\'"), with_text("\\0"), with_text("\\u"), with_text("\\u12"),
                    with_text("\\u12g4"), with_text("\\U0041"), with_text("a\nb"),
                    with_text("a\rb"), with_text("a\tb"), with_text("a\x01z"), with_text("a\x1fz"),
                    with_text(std::string_view("a\0z", 3)), with_text("\\ud800"),
                    with_text("\\udbff"), with_text("\\udc00"), with_text("\\udfff"),
                    with_text("\\ud83dx"), with_text("\\ud83d\\n"), with_text("\\ud83d\\ud83d"),
                    with_text("\\ud83d\\u0041"), with_text("\\ude00\\ud83d"),
                    with_text("\\ud83d\\u"), with_text("\\uD83D\\uDE00\\uDE00"),
                    R"({"eventType":"a","\ud800":1})", R"({"eventType":"a","\udc00":1})",
                    R"({"eventType":"\ud800"})", R"({"eventType":"a","n":{"\ude00\ud83d":1}})",
                    "{\"eventType\":\"a\",\"a\nb\":1}", "{\"eventType\":\"a\",\"\xff\":1}"));

INSTANTIATE_TEST_SUITE_P(
    Utf8, Rejected,
    testing::Values(with_text("\xff"), with_text("\xfe"), with_text("\x80"), with_text("\xbf"),
                    with_text("\xc3"), with_text("\xc3\x28"), with_text("\xe2\x82"),
                    with_text("\xe2\x28\xa1"), with_text("\xf0\x9f\x98"), with_text("\xc0\x80"),
                    with_text("\xc1\xbf"), with_text("\xc0\xaf"), with_text("\xe0\x80\xaf"),
                    with_text("\xe0\x9f\xbf"), with_text("\xf0\x80\x80\xaf"),
                    with_text("\xf0\x8f\xbf\xbf"), with_text("\xed\xa0\x80"),
                    with_text("\xed\xbf\xbf"), with_text("\xed\xa0\xbd\xed\xb8\x80"),
                    with_text("\xf4\x90\x80\x80"), with_text("\xf5\x80\x80\x80"),
                    with_text("\xf8\x88\x80\x80\x80"), with_text("\xfc\x84\x80\x80\x80\x80"),
                    "{\"eventType\":\"a\"}\xff", "\xff\xfe{\0"));

TEST_F(AnalyticsStreamTest, BytesThatAreNotUtf8AreAFrameError) {
  EXPECT_EQ(kind(with_text("\xff")), "frame_deserialization_error");
  EXPECT_EQ(kind("\xff\xfe"), "frame_deserialization_error");
}

TEST_F(AnalyticsStreamTest, NoBrokenTextIsTakenByAnIndependentParser) {
  // Where the two differ, the decoder is the stricter one: depth, and lone surrogates where the
  // other replaces them.
  EXPECT_TRUE(json::accept(nested(300)));
  EXPECT_EQ(kind(nested(300)), "json_parse_error");
}

class NotAnEvent : public AnalyticsStreamTest, public testing::WithParamInterface<std::string> {};

TEST_P(NotAnEvent, IsInvalid) {
  EXPECT_TRUE(json::accept(GetParam())) << GetParam();
  EXPECT_EQ(kind(GetParam()), "invalid_event") << GetParam();
}

std::string numbered(std::string_view value) {
  return fmt::format(R"({{"eventType":"a","sequenceNumber":{}}})", value);
}

INSTANTIATE_TEST_SUITE_P(Shapes, NotAnEvent,
                         testing::Values("{}", "[]", "null", "true", "5", "-1.5", R"("eventType")",
                                         R"([{"eventType":"a"}])", R"({"eventtype":"a"})",
                                         R"({"sequenceNumber":5})", R"({"eventType":5})",
                                         R"({"eventType":null})", R"({"eventType":""})",
                                         R"({"eventType":["a"]})", R"({"eventType":{"a":1}})",
                                         R"({"type":"other"})", R"({"type":5})",
                                         R"({"type":"Heartbeat"})",
                                         R"({"data":{"type":"heartbeat"}})"));

INSTANTIATE_TEST_SUITE_P(
    Numbers, NotAnEvent,
    testing::Values(numbered("0"), numbered("-0"), numbered("-1"), numbered("1.5"), numbered("1.0"),
                    numbered("1e3"), numbered("1E0"), numbered(R"("5")"), numbered("null"),
                    numbered("true"), numbered("[5]"), numbered("{}"), numbered("9007199254740992"),
                    numbered("9223372036854775808"), numbered("18446744073709551615"),
                    numbered("-9223372036854775808")));

INSTANTIATE_TEST_SUITE_P(
    RepeatedKeys, NotAnEvent,
    testing::Values(R"({"eventType":"a","eventType":"b"})", R"({"eventType":"a","eventType":"a"})",
                    R"({"eventType":"a","sequenceNumber":1,"sequenceNumber":2})",
                    R"({"eventType":"a","timestamp":"x","timestamp":"y"})",
                    R"({"eventType":"a","\u0065ventType":"b"})",
                    R"({"eventType":"a","sequenceNumber":1,"sequence\u004Eumber":2})",
                    R"({"type":"heartbeat","type":"heartbeat"})",
                    R"({"eventType":"a","type":1,"ty\u0070e":2})"));

TEST_F(AnalyticsStreamTest, ANumberTooWideForAnyParserIsInvalidToo) {
  EXPECT_EQ(kind(numbered("18446744073709551616")), "invalid_event");
  EXPECT_EQ(kind(numbered("123456789012345678901234567890")), "invalid_event");
  EXPECT_EQ(kind(numbered("1e400")), "invalid_event");
}

TEST_F(AnalyticsStreamTest, NumbersFromOneToTwoTo53LessOneAreTaken) {
  for (SequenceNumber n : {SequenceNumber{1}, SequenceNumber{2}, kMaxNumber - 1, kMaxNumber})
    EXPECT_EQ(decode(numbered(std::to_string(n))).number, n);
  EXPECT_EQ(decode(R"({"eventType":"a"})").number, kNoNumber);
}

TEST_F(AnalyticsStreamTest, KnowsAHeartbeatInAnySpelling) {
  for (std::string_view text :
       {R"({"type":"heartbeat"})", R"( { "type" : "heartbeat" , "more" : [1] } )",
        "{\n\"type\":\r\"heartbeat\"}", R"({"t\u0079pe":"heartb\u0065at"})"})
    EXPECT_EQ(kind(text), "heartbeat") << text;
}

TEST_F(AnalyticsStreamTest, AnEventOfSeveralLinesBecomesOneWithItsTextUnchanged) {
  for (std::string_view brk : {"\n", "\r\n", "\r", "\n\n"}) {
    std::string text = R"({@  "eventType": "a b",@  "sequenceNumber": 5,@  "s": "x\n  y",@)"
                       R"(  "w": [ 1e400, @ 1.50 ]@}@)";
    for (auto at = text.find('@'); at != std::string::npos; at = text.find('@'))
      text.replace(at, 1, brk);
    const auto event = decode(text);
    EXPECT_EQ(event.kind, "event");
    EXPECT_EQ(event.line,
              R"({"eventType":"a b","sequenceNumber":5,"s":"x\n  y","w":[1e400,1.50]})");
    EXPECT_EQ(event.number, 5U);
  }
}

TEST_F(AnalyticsStreamTest, LargeEventsOfSeveralLinesAreWhole) {
  for (std::size_t size : {1U, 63U, 64U, 65U, 127U, 128U, 4096U, 100000U}) {
    const std::string body(size, 'x');
    EXPECT_EQ(decode("{\n\"eventType\": \"a\",\r\n\"s\": \"" + body + "\"}\n").line,
              R"({"eventType":"a","s":")" + body + "\"}");
  }
}

TEST_F(AnalyticsStreamTest, DepthEndsWhereJqEnds) {
  std::size_t deepest = 1;
  while (deepest < 300 && kind(nested(deepest + 1)) == "event")
    ++deepest;
  EXPECT_GE(deepest, 200U);
  EXPECT_LE(deepest, 255U);
}

TEST_F(AnalyticsStreamTest, ASubscriptionAsksForTypesBufferAndPosition) {
  EXPECT_EQ(protocol_.subscription("id-1", std::nullopt),
            R"({"type":"interaction","id":"id-1","filter":{"eventTypes":["routing:queue:member",)"
            R"("interaction:media"]},"bufferSize":100})");
  EXPECT_EQ(protocol_.subscription("id-1", 41),
            R"({"type":"interaction","id":"id-1","filter":{"eventTypes":["routing:queue:member",)"
            R"("interaction:media"]},"bufferSize":100,"sequenceNumber":41})");
  EXPECT_EQ(json::parse(protocol_.subscription("i", 0)).at("sequenceNumber"), 0);
}

TEST(RejectionName, IsTheAuditType) {
  EXPECT_EQ(name(Rejection::Kind::frame_deserialization_error), "frame_deserialization_error");
  EXPECT_EQ(name(Rejection::Kind::json_parse_error), "json_parse_error");
  EXPECT_EQ(name(Rejection::Kind::invalid_event), "invalid_event");
}

}  // namespace
}  // namespace gcstreamd
