#include "gcstreamd/core/audit_line.hpp"

#include <gmock/gmock.h>

namespace gcstreamd {
namespace {

using testing::HasSubstr;

constexpr std::string_view kStart = R"({"ts":"t","stream":"s","type":"x")";

class AuditLineTest : public testing::Test {
 protected:
  /// What stands behind a line must not matter.
  std::string parse(std::string_view line) {
    text_ = std::string(line) + std::string(AuditLineParser::kPadding, '}');
    return parser_.parse(std::string_view(text_).substr(0, line.size()), record_);
  }
  std::string parse_fields(const std::string& fields) {
    return parse(std::string(kStart) + fields + '}');
  }

  std::string text_;
  AuditLineParser parser_;
  AuditLine record_;
};

TEST_F(AuditLineTest, TakesWhatACheckNeeds) {
  EXPECT_EQ(parse_fields(R"(,"sequenceNumber":7,"from":1,"to":2,"count":3,"missing":4,"sink":"k",)"
                         R"("n":9,"hash":"h")"),
            "");
  EXPECT_EQ(record_.ts, "t");
  EXPECT_EQ(record_.stream, "s");
  EXPECT_EQ(record_.type, "x");
  EXPECT_EQ(record_.sequence_number, 7U);
  EXPECT_EQ(record_.from, 1U);
  EXPECT_EQ(record_.to, 2U);
  EXPECT_EQ(record_.count, 3U);
  EXPECT_EQ(record_.missing, 4U);
  EXPECT_EQ(record_.sink, "k");
  EXPECT_EQ(record_.n, 9U);
  EXPECT_EQ(record_.hash, "h");
}

TEST_F(AuditLineTest, TakesASeal) {
  EXPECT_EQ(parse_fields(R"(,"sealNumber":1,"previousSeal":"p","headRecord":2,"headHash":"h",)"
                         R"("keyId":"k","signature":"s")"),
            "");
  EXPECT_EQ(record_.seal_number, 1U);
  EXPECT_EQ(record_.previous_seal, "p");
  EXPECT_EQ(record_.head_record, 2U);
  EXPECT_EQ(record_.head_hash, "h");
  EXPECT_EQ(record_.key_id, "k");
  EXPECT_EQ(record_.signature, "s");
}

TEST_F(AuditLineTest, NothingIsLeftOfTheLineBefore) {
  parse_fields(R"(,"from":1,"sink":"k")");
  EXPECT_EQ(parse_fields(""), "");
  EXPECT_FALSE(record_.from);
  EXPECT_EQ(record_.sink, "");
}

TEST_F(AuditLineTest, AValueOfAnotherTypeIsAsNone) {
  EXPECT_EQ(parse_fields(R"(,"from":"1","to":null,"count":-1,"sink":5,"n":1.5)"), "");
  EXPECT_FALSE(record_.from);
  EXPECT_FALSE(record_.to);
  EXPECT_FALSE(record_.count);
  EXPECT_EQ(record_.sink, "");
  EXPECT_FALSE(record_.n);
}

TEST_F(AuditLineTest, KeysWithinValuesAreNotTheRecordsOwn) {
  EXPECT_EQ(parse_fields(R"(,"window":{"from":1,"n":2},"list":[{"to":3}])"), "");
  EXPECT_FALSE(record_.from);
  EXPECT_FALSE(record_.n);
  EXPECT_FALSE(record_.to);
}

TEST_F(AuditLineTest, WhatIsNoWholeJsonObjectIsTold) {
  for (const std::string_view line :
       {"", " ", "{", "}", "null", "[1]", "{\"a\":1}}", "{\"a\":01}", "{\"a\":1} x", "{\"a\":tru}",
        "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}", "{\"a\" 1}", "{'a':1}", "{\"a\":1,}"})
    EXPECT_NE(parse(line), "") << line;
}

TEST_F(AuditLineTest, AKeyThatIsThereTwiceIsTold) {
  EXPECT_THAT(parse_fields(R"(,"n":1,"n":2)"), HasSubstr("\"n\""));
  EXPECT_THAT(parse_fields(R"(,"n":1,"\u006e":2)"), HasSubstr("twice"));
}

TEST_F(AuditLineTest, WhatIsNoRecordIsTold) {
  EXPECT_THAT(parse("{}"), HasSubstr("not an audit record"));
  EXPECT_THAT(parse(R"({"ts":"t","stream":"s"})"), HasSubstr("not an audit record"));
  EXPECT_THAT(parse(R"({"ts":1,"stream":"s","type":"x"})"), HasSubstr("not an audit record"));
  EXPECT_THAT(parse(R"({"eventType":"a"})"), HasSubstr("not an audit record"));
}

}  // namespace
}  // namespace gcstreamd
