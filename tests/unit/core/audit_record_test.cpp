#include "gcstreamd/core/audit_record.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

namespace gcstreamd {
namespace {

TEST(AuditRecord, WithoutFieldsHasItsTypeOnly) {
  const AuditRecord record("channel_closing");
  EXPECT_EQ(record.type(), "channel_closing");
  EXPECT_EQ(record.fields(), "");
}

TEST(AuditRecord, KeepsFieldsInTheOrderTheyWereAdded) {
  const std::vector<std::string> types{"a:b", "c\"d"};
  AuditRecord record("subscription_sent");
  record.text("id", "x").texts("eventTypes", types).number("bufferSize", 100).null("to");
  EXPECT_EQ(record.fields(), R"(,"id":"x","eventTypes":["a:b","c\"d"],"bufferSize":100,"to":null)");
}

TEST(AuditRecord, NumbersAreWholeAndRealsHaveThreeDecimals) {
  AuditRecord record("metrics");
  record.number("n", std::numeric_limits<std::uint64_t>::max()).number("zero", 0);
  record.real("a", 1.0 / 3).real("b", 0).real("c", 123456789.0625);
  EXPECT_EQ(record.fields(),
            R"(,"n":18446744073709551615,"zero":0,"a":0.333,"b":0.000,"c":123456789.062)");
}

TEST(AuditRecord, AnEmptyListIsThere) {
  EXPECT_EQ(AuditRecord("x").texts("eventTypes", {}).fields(), R"(,"eventTypes":[])");
}

TEST(AuditRecord, AListMayHoldABracketOrNothing) {
  const std::vector<std::string> values{"[", "", "["};
  EXPECT_EQ(AuditRecord("x").texts("v", values).fields(), R"(,"v":["[","","["])");
}

TEST(AuditRecord, TextIfAddsOnlyWhatIsThere) {
  EXPECT_EQ(AuditRecord("x").text_if("hint", "").text_if("cause", "c").fields(), R"(,"cause":"c")");
}

TEST(AuditRecord, AnyBytesMakeValidJsonOnOneLine) {
  std::string bytes;
  for (int i = 0; i < 256; ++i)
    bytes += static_cast<char>(i);
  const AuditRecord record = AuditRecord("x").text("reason", bytes);
  EXPECT_EQ(record.fields().find_first_of("\r\n"), std::string::npos);
  EXPECT_TRUE(nlohmann::json::accept("{" + record.fields().substr(1) + "}"));
}

}  // namespace
}  // namespace gcstreamd
