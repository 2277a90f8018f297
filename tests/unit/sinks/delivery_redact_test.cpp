// What a sink with `redact` gets, and what the others do.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "gcstreamd/core/sequence_verifier.hpp"
#include "sinks/delivery_fixture.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Action = RedactRule::Action;

class DeliveryRedactTest : public DeliveryTest {
 protected:
  static RedactRule hmac(const std::string& pointer, std::string_view key) {
    return {pointer, Action::hmac, "/key", Secret(key)};
  }
  std::string line(SequenceNumber number, std::string_view phone) const {
    return fmt::format(R"({{"eventType":"a","phone":"{}","sequenceNumber":{}}})", phone, number);
  }
  void deliver_call(SequenceNumber number, std::string_view phone) {
    const std::string text = line(number, phone);
    delivery_->deliver({text, "a", number, {}}, now_at(0s));
  }
};

TEST_F(DeliveryRedactTest, EachSinkIsGivenWhatItsOwnRulesLeave) {
  add("file", "all");
  add("file", "masked").redact = {{"/phone", Action::mask, "", {}}};
  add("file", "removed").redact = {{"/phone", Action::remove, "", {}}};
  ASSERT_EQ(make(), "");
  deliver_call(11, "+49");
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("all"), line(11, "+49") + '\n');
  EXPECT_EQ(content("masked"), line(11, "***") + '\n');
  EXPECT_EQ(content("removed"), "{\"eventType\":\"a\",\"sequenceNumber\":11}\n");
  EXPECT_EQ(position(), 11U);
  EXPECT_THAT(news_, IsEmpty());
}

/// RFC 4231, test cases 2 and 6.
TEST_F(DeliveryRedactTest, AnHmacIsThatOfTheRfc) {
  add("file", "short").redact = {hmac("/phone", "Jefe")};
  add("file", "long").redact = {hmac("/phone", std::string(131, '\xaa'))};
  ASSERT_EQ(make(), "");
  deliver_call(11, "what do ya want for nothing?");
  deliver_call(12, "Test Using Larger Than Block-Size Key - Hash Key First");
  EXPECT_TRUE(settle());
  EXPECT_THAT(content("short"), HasSubstr("\"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58"
                                          "b964ec3843\""));
  EXPECT_THAT(content("long"),
              HasSubstr("\"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f"
                        "0ee37f54\""));
}

TEST_F(DeliveryRedactTest, AnAuditLogTellsOfEachEventAsBefore) {
  add("audit", "audit").redact = {{"/phone", Action::mask, "", {}}};
  ASSERT_EQ(make(), "");
  deliver_call(11, "+49");
  EXPECT_TRUE(settle());
  EXPECT_THAT(content("audit"), HasSubstr(R"("eventType":"a","sequenceNumber":11)"));
}

TEST_F(DeliveryRedactTest, WhatCannotBeRedactedIsLostAndTheOthersHaveIt) {
  add("file", "all");
  add("file", "masked").redact = {{"/phone", Action::mask, "", {}}};
  ASSERT_EQ(make(), "");
  delivery_->deliver({R"({"phone":"+49")", "a", 11, {}}, now_at(0s));
  deliver_call(12, "+49");
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("all"), "{\"phone\":\"+49\"\n" + line(12, "+49") + '\n');
  EXPECT_EQ(content("masked"), line(12, "***") + '\n');
  EXPECT_EQ(position(), 12U);
  EXPECT_THAT(news_, ElementsAre(R"(events_lost,"from":11,"to":11,"count":1,)"
                                 R"("cause":"not_redactable","sink":"masked")"));
}

TEST_F(DeliveryRedactTest, AReloadChangesTheRulesFromTheNextEventOn) {
  add("file", "one");
  ASSERT_EQ(make(), "");
  deliver_call(11, "+49");
  config_.sinks[0].redact = {{"/phone", Action::mask, "", {}}};
  delivery_->reconfigure(config_);
  deliver_call(12, "+49");
  config_.sinks[0].redact = {};
  delivery_->reconfigure(config_);
  deliver_call(13, "+49");
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("one"),
            line(11, "+49") + '\n' + line(12, "***") + '\n' + line(13, "+49") + '\n');
}

TEST_F(DeliveryRedactTest, AKeyThatWasReplacedInItsFileIsUsedFromThenOn) {
  add("file", "one").redact = {hmac("/phone", "key 1")};
  ASSERT_EQ(make(), "");
  deliver_call(11, "+49");
  config_.sinks[0].redact[0].key = Secret("key 2");
  delivery_->renew_keys(config_);
  deliver_call(12, "+49");
  config_.sinks[0].redact[0].key = Secret("key 1");
  delivery_->renew_keys(config_);
  deliver_call(13, "+49");
  EXPECT_TRUE(settle());
  std::vector<std::string> digests;
  std::string text = content("one");
  for (std::size_t at = 0; (at = text.find(R"("phone":")", at)) != std::string::npos; ++at)
    digests.push_back(text.substr(at, 73));
  ASSERT_EQ(digests.size(), 3U);
  EXPECT_EQ(digests[0], digests[2]);
  EXPECT_NE(digests[0], digests[1]);
}

TEST_F(DeliveryRedactTest, WhatAFileHoldsIsComparedThroughTheRedactor) {
  file("one").content = line(9, "***") + '\n' + line(10, "***") + '\n';
  SavedSink& saved = saved_["one"];
  saved.type = "file";
  saved.path = path("one");
  saved.file = bench_.disk.find(saved.path).value();
  saved.offset = content("one").size();
  saved.place = kStart;
  add("file", "one").redact = {{"/phone", Action::mask, "", {}}};
  ASSERT_EQ(make(), "");
  const auto held = delivery_->take_held();
  ASSERT_EQ(held.size(), 1U);
  ASSERT_TRUE(held[0].redactor);
  ASSERT_EQ(held[0].events.size(), 2U);
  const auto shown = held[0].redactor->redact(line(10, "+49"));
  ASSERT_TRUE(shown);
  EXPECT_EQ(held[0].events[1].content, SequenceVerifier::content_of(*shown));
}

}  // namespace
}  // namespace gcstreamd
