// Random damage to valid events: whatever is delivered is one whole JSON text on one line.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <random>

#include "gcstreamd/core/analytics_stream.hpp"
#include "gcstreamd/core/number_repair.hpp"
#include "helpers/padded.hpp"

namespace gcstreamd {
namespace {

const std::vector<std::string>& corpus() {
  static const std::vector<std::string> texts{
      R"({"eventType":"interaction:media","sequenceNumber":41,"timestamp":"2026-11-23T18:44:55Z"})",
      R"({"eventType":"a","n":[1,-0,1.5e3,1e400,123456789012345678901234567890],"t":[true,null]})",
      "{\n  \"eventType\": \"routing:queue:member\",\r\n  \"sequenceNumber\": 7,\n  \"x\": {}\n}\n",
      R"({"eventType":"a","s":"\ud83d\ude00 \"\\\/\b\n","":{"":[[],{}]}})",
      "{\"eventType\":\"a\",\"s\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\",\"sequenceNumber\":1}"};
  return texts;
}

class Damage {
 public:
  std::string next() {
    std::string text = corpus()[below(corpus().size())];
    for (std::size_t n = below(4); n-- > 0;)
      once(text);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  char odd_byte() {
    static constexpr char kBytes[] =
        "\"\\{}[],:0123456789+-.eEu/\n\r\t \0\x01\x7f\x80"
        "\xc3\xed\xf0\xff"
        "dD8truefalsn";
    return kBytes[below(sizeof kBytes)];
  }
  void once(std::string& text) {
    if (text.empty())
      return;
    const std::size_t at = below(text.size());
    const std::size_t some = 1 + below(8);
    switch (below(6)) {
      case 0:
        text[at] = odd_byte();
        break;
      case 1:
        text.insert(at, 1, odd_byte());
        break;
      case 2:
        text.erase(at, some);
        break;
      case 3:
        text.insert(at, text.substr(below(text.size()), some));
        break;
      case 4:
        text[at] = static_cast<char>(text[at] ^ static_cast<char>(1U << below(7)));
        break;
      default:
        text.resize(at);
        break;
    }
  }

  std::mt19937_64 random_{20261123};
};

/// nlohmann's parser refuses numbers beyond a double: they are put aside first.
bool is_json(const std::string& text) {
  std::string narrow;
  return nlohmann::json::accept(text) ||
         (replace_wide_numbers(text, narrow) && nlohmann::json::accept(narrow));
}

TEST(AnalyticsStreamFuzz, NoDamagedEventBreaksALine) {
  AnalyticsStream protocol({"a"}, 100);
  Damage damage;
  int events = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string text = damage.next();
    const Padded padded(text);
    const Frame frame = protocol.decode(padded.view());
    const auto* event = std::get_if<Event>(&frame);
    if (!event)
      continue;
    ++events;
    const std::string line(event->line);
    ASSERT_EQ(line.find_first_of("\r\n"), std::string::npos) << text;
    ASSERT_TRUE(is_json(line)) << text;
    ASSERT_FALSE(event->type.empty());
    ASSERT_LE(event->number, kMaxNumber);
  }
  EXPECT_GT(events, 4000);
  EXPECT_LT(events, 16000);
}

TEST(AnalyticsStreamFuzz, WhatIsValidIsNeverCalledBrokenJson) {
  AnalyticsStream protocol({"a"}, 100);
  Damage damage;
  for (int i = 0; i < 20000; ++i) {
    const std::string text = damage.next();
    if (!nlohmann::json::accept(text) || text.find('\0') != std::string::npos ||
        text.starts_with("\xef\xbb\xbf"))
      continue;
    const Padded padded(text);
    const Frame frame = protocol.decode(padded.view());
    const auto* rejection = std::get_if<Rejection>(&frame);
    ASSERT_FALSE(rejection && rejection->kind != Rejection::Kind::invalid_event) << text;
  }
}

}  // namespace
}  // namespace gcstreamd
