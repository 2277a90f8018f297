// Random damage to valid frames: whatever is delivered is one whole JSON text on one line.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <random>

#include "gcstreamd/core/notifications.hpp"
#include "gcstreamd/core/number_repair.hpp"
#include "helpers/padded.hpp"

namespace gcstreamd {
namespace {

const std::vector<std::string>& corpus() {
  static const std::vector<std::string> texts{
      R"({"topicName":"v2.detail.events.conversation.c.acw","eventBody":{"eventTime":1764000000}})",
      R"({"topicName":"a","eventBody":{"n":[1,-0,1.5e3,1e400,123456789012345678901234567890]}})",
      "{\n  \"topicName\": \"v2.x.acw\",\r\n  \"eventBody\": {\"a\": [\"}\"]},\n \"x\": {}\n}\n",
      R"({"topicName":"a","eventBody":{"s":"\ud83d\ude00 \"\\\/\b\n","":{"":[[],{}]}}})",
      R"({"topicName":"v2.system.socket_closing","eventBody":{"message":"closing"}})"};
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

TEST(NotificationsFuzz, NoDamagedEventBreaksALine) {
  LocalNumbers numbers;
  Notifications protocol(numbers);
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
    ASSERT_LE(event->number, numbers.last());
    ASSERT_GE(event->number, 1U);
  }
  EXPECT_GT(events, 3000);
  EXPECT_LT(events, 16000);
}

TEST(NotificationsFuzz, WhatIsValidIsNeverCalledBrokenJson) {
  LocalNumbers numbers;
  Notifications protocol(numbers);
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
