#include <algorithm>
#include <ostream>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
using DecodeTest = StreamTest;

struct BadFrame {
  std::string name;
  std::string bytes;
};

void PrintTo(const BadFrame& frame, std::ostream* out) {
  *out << frame.bytes.substr(0, 80);
}

std::string numbered(const std::string& number) {
  return R"({"eventType":"interaction:media","sequenceNumber":)" + number + "}";
}

const BadFrame kBadFrames[] = {
    {"empty", ""},
    {"white_space", " \t "},
    {"truncated", R"({"eventType":"interaction:media","sequenceNumber":2)"},
    {"trailing_text", numbered("2") + " x"},
    {"two_objects", numbered("2") + numbered("3")},
    {"trailing_nul", numbered("2") + std::string(1, '\0')},
    {"text_after_nul", numbered("2") + std::string(1, '\0') + "x"},
    {"nul_in_string", std::string(R"({"eventType":"a)") + '\0' + R"("})"},
    {"byte_order_mark", "\xEF\xBB\xBF" + numbered("2")},
    {"single_quotes", "{'eventType':'interaction:media'}"},
    {"trailing_comma", R"({"eventType":"interaction:media",})"},
    {"not_a_number", R"({"eventType":"interaction:media","x":NaN})"},
    {"leading_zero", R"({"eventType":"interaction:media","x":01})"},
    {"bad_literal", R"({"eventType":"interaction:media","x":tru})"},
    {"raw_control_character", "{\"eventType\":\"interaction:media\",\"x\":\"\x01\"}"},
    {"bad_escape", R"({"eventType":"interaction:media","x":"\q"})"},
    {"fault_deep_inside", R"({"eventType":"interaction:media","x":[{"y":[1,}]}]})"},
    {"array", R"([{"eventType":"interaction:media"}])"},
    {"text_scalar", R"("eventType")"},
    {"null_scalar", "null"},
    {"bad_utf8", "{\"eventType\":\"interaction:media\",\"x\":\"\xC3\x28\"}"},
    {"overlong_utf8", "{\"eventType\":\"interaction:media\",\"x\":\"\xC0\xAF\"}"},
    {"surrogate_in_utf8", "{\"eventType\":\"interaction:media\",\"x\":\"\xED\xA0\x80\"}"},
    {"lone_high_surrogate", R"({"eventType":"interaction:media","x":"\ud800"})"},
    {"lone_low_surrogate", R"({"eventType":"interaction:media","x":"\udc00y"})"},
    {"lone_surrogate_in_key", R"({"eventType":"interaction:media","\ud83d":1})"},
    {"nested_too_deep", R"({"eventType":"interaction:media","x":)" + std::string(5000, '[') +
                            std::string(5000, ']') + "}"},
    {"repeated_number", R"({"eventType":"a","sequenceNumber":2,"sequenceNumber":2})"},
    {"repeated_number_escaped", R"({"eventType":"a","sequenceNumber":2,"sequence\u004eumber":9})"},
    {"repeated_event_type", R"({"eventType":"a","eventType":"b","sequenceNumber":2})"},
    {"number_zero", numbered("0")},
    {"number_negative", numbered("-1")},
    {"number_fraction", numbered("1.5")},
    {"number_whole_fraction", numbered("2.0")},
    {"number_exponent", numbered("1e3")},
    {"number_text", numbered("\"5\"")},
    {"number_null", numbered("null")},
    {"number_over_2_to_53", numbered("9007199254740992")},
    {"number_over_2_to_64", numbered("18446744073709551618")},
    {"no_event_type", R"({"sequenceNumber":2})"},
    {"event_type_number", R"({"eventType":5,"sequenceNumber":2})"},
    {"event_type_only_nested", R"({"x":{"eventType":"a"},"sequenceNumber":2})"},
    {"empty_object", "{}"},
};

class BadFrameTest : public StreamTest, public ::testing::WithParamInterface<BadFrame> {
 protected:
  std::vector<json> frame_errors() const {
    std::vector<json> errors;
    for (const auto* type : {"json_parse_error", "frame_deserialization_error", "invalid_event"}) {
      std::ranges::copy(records(type), std::back_inserter(errors));
    }
    return errors;
  }
};

TEST_P(BadFrameTest, is_audited_and_dropped_between_good_events) {
  const std::string& bytes = GetParam().bytes;
  Session session = open();
  session.socket.send(event(1));
  session.socket.send_binary(bytes);
  session.socket.send(event(2));
  EXPECT_EQ(await_events(2), events(1, 2));
  await("event_received", 2);
  const auto errors = frame_errors();
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].at("bytes"), bytes.size());
  EXPECT_FALSE(errors[0].at("error").get<std::string>().empty());
  EXPECT_LE(errors[0].at("preview").get<std::string>().size(), 200U);
  EXPECT_TRUE(records("scheduling_reconnect").empty());
}

INSTANTIATE_TEST_SUITE_P(Frames, BadFrameTest, ::testing::ValuesIn(kBadFrames),
                         [](const auto& frame) { return frame.param.name; });

const BadFrame kOddEvents[] = {
    {"odd_spacing", R"(  { "eventType" :"a"  , "x":[ 1 ,2 ] } )"},
    {"tabs", "{\t\"eventType\":\"a\"\t}"},
    {"float_form", R"({"eventType":"a","x":[1.0e2,1E+2,-0.0,0.10]})"},
    {"integer_of_30_digits", R"({"eventType":"a","x":123456789012345678901234567890})"},
    {"number_beyond_double", R"({"eventType":"a","x":1e400})"},
    {"escapes", R"({"eventType":"a","x":"\u00e9\/\ud83d\ude00\u0000\n\\"})"},
    {"unicode", "{\"eventType\":\"a\",\"x\":\"\xE2\x80\xA8 \xF0\x9F\x91\x8B \x7F\"}"},
    {"escaped_key", R"({"event\u0054ype":"a","x":1})"},
    {"same_names_inside", R"({"eventType":"a","x":{"eventType":1,"y":{"sequenceNumber":-5}}})"},
    {"nested_100_deep",
     R"({"eventType":"a","x":)" + std::string(100, '[') + std::string(100, ']') + "}"},
    {"unknown_event_type", R"({"eventType":"something:new"})"},
    {"bad_timestamp", R"({"eventType":"a","timestamp":"yesterday"})"},
    {"type_beside_event_type", R"({"type":"interaction","eventType":"a"})"},
};

class OddEventTest : public StreamTest, public ::testing::WithParamInterface<BadFrame> {};

TEST_P(OddEventTest, passes_through_byte_for_byte) {
  Session session = open();
  session.socket.send(event(1));
  session.socket.send(GetParam().bytes);
  session.socket.send(event(2));
  EXPECT_EQ(await_events(3), (Lines{event(1), GetParam().bytes, event(2)}));
}

INSTANTIATE_TEST_SUITE_P(Events, OddEventTest, ::testing::ValuesIn(kOddEvents),
                         [](const auto& frame) { return frame.param.name; });

TEST_F(DecodeTest, a_frame_with_line_breaks_becomes_one_line) {
  Session session = open();
  session.socket.send("{\r\n  \"eventType\": \"a b\",\n\t\"x\": [1.0e2, \"\\\" , \\n\"]\n}\n");
  session.socket.send(event(1) + "\n");
  EXPECT_EQ(await_events(2), (Lines{R"({"eventType":"a b","x":[1.0e2,"\" , \n"]})", event(1)}));
}

TEST_F(DecodeTest, an_event_without_number_is_delivered_on_arrival) {
  Session session = open();
  const std::string unnumbered = R"({"eventType":"interaction:annotation","text":"hi"})";
  send_all(session, {event(1), unnumbered, event(2)});
  EXPECT_EQ(await_events(3), (Lines{event(1), unnumbered, event(2)}));
  const auto received = await("event_received", 3);
  EXPECT_EQ(fields_of(received[1]), (json{{"eventType", "interaction:annotation"}}));
  EXPECT_EQ(fields_of(received[2]),
            (json{{"eventType", "interaction:conversation"}, {"sequenceNumber", 2}}));
}

TEST_F(DecodeTest, the_largest_number_is_an_event_and_an_escaped_key_counts) {
  Session session = open();
  const std::string escaped = R"({"eventType":"a","sequence\u004eumber":9007199254740990})";
  send_all(session, {escaped, numbered("9007199254740991")});
  EXPECT_EQ(await_events(2), (Lines{escaped, numbered("9007199254740991")}));
  EXPECT_EQ(await("event_received", 2)[0].at("sequenceNumber"), 9007199254740990);
}

TEST_F(DecodeTest, heartbeats_are_neither_events_nor_errors) {
  Session session = open();
  send_all(session,
           {R"({"type":"heartbeat"})", event(1), R"({ "type" : "heartbeat", "t": 1 })", event(2)});
  EXPECT_EQ(await_events(2), events(1, 2));
  await("event_received", 2);
  EXPECT_TRUE(records("invalid_event").empty());
  EXPECT_TRUE(records("frame_deserialization_error").empty());
}

TEST_F(DecodeTest, a_preview_is_short_and_cut_between_characters) {
  Session session = open();
  std::string text = "x";
  for (int i = 0; i < 200; ++i) {
    text += "\xC3\xA9";
  }
  session.socket.send(text);
  const json record = first("json_parse_error");
  EXPECT_EQ(record.at("bytes"), text.size());
  const std::string preview = record.at("preview");
  EXPECT_LE(preview.size(), 200U);
  EXPECT_TRUE(preview.starts_with("x")) << preview;
}

}  // namespace
}  // namespace gcstreamd::testing
