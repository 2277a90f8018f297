#include "gcstreamd/core/config_reader.hpp"

#include <gmock/gmock.h>

namespace gcstreamd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StrictJson : public testing::Test {
 protected:
  std::optional<nlohmann::json> parse(std::string_view text) {
    errors_.clear();
    return parse_strict_json(text, errors_);
  }
  std::string fault(std::string_view text) {
    EXPECT_FALSE(parse(text)) << text;
    return errors_.size() == 1 ? to_string(errors_[0]) : "(not one error)";
  }

  std::vector<ConfigError> errors_;
};

TEST_F(StrictJson, TakesBothKindsOfComments) {
  const auto root = parse("// first\n{ /* a */ \"a\": 1, // b\n \"b\": \"// no /* comment\" }\n//");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->at("b"), "// no /* comment");
  EXPECT_THAT(errors_, IsEmpty());
}

TEST_F(StrictJson, ASyntaxErrorHasLineAndColumn) {
  EXPECT_THAT(fault("{\"a\": 1,\n  \"b\" 2}"), HasSubstr("line 2, column 7"));
  EXPECT_THAT(fault("{\"a\": 1,}"), HasSubstr("line 1, column 9"));
  EXPECT_THAT(fault("x"), HasSubstr("line 1, column 1"));
  EXPECT_THAT(fault("{\n\n\n\"a\": tru}"), HasSubstr("line 4, column 9"));
  EXPECT_THAT(fault("{}{}"), HasSubstr("line 1, column 3"));
  EXPECT_THAT(fault("{\"a\": \"open\n\"}"), HasSubstr("line 1, column"));
}

TEST_F(StrictJson, ASyntaxErrorShowsNoString) {
  for (std::string_view text : {"{\"proxy\": \"http://ops:hidden@proxy:1\"  \"x\": 1}",
                                "{\"proxy\": \"http://ops:hidden", "{\"proxy\": 'hidden'}"})
    EXPECT_THAT(fault(text), testing::Not(HasSubstr("hidden"))) << text;
}

TEST_F(StrictJson, AnEmptyOrUnfinishedTextIsASyntaxError) {
  for (std::string_view text : {"", " ", "// only", "{", "{\"a\":", "[1,", "/* open", "{\"a\": \""})
    EXPECT_THAT(fault(text), HasSubstr("not valid JSON at line 1")) << text;
}

TEST_F(StrictJson, AnyBytesMakeAnErrorOfOneLine) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = "{\"a\": \"" + std::string(1, static_cast<char>(byte));
    EXPECT_EQ(fault(text).find('\n'), std::string::npos);
  }
}

TEST_F(StrictJson, RepeatedKeysAreToldWhereTheyStand) {
  parse(R"({"a":1,"a":2,"s":[{"n":1},{"n":1,"\u006e":2,"x":[0,[1],{"k":1,"k":2}]}],"a/b":{"~":1,)"
        R"("~":2}})");
  std::vector<std::string> pointers;
  for (const ConfigError& error : errors_)
    pointers.push_back(error.pointer);
  EXPECT_THAT(pointers, ElementsAre("/a", "/s/1/n", "/s/1/x/2/k", "/a~1b/~0"));
}

TEST_F(StrictJson, TheSameKeyInTwoObjectsIsNotRepeated) {
  EXPECT_TRUE(parse(R"([{"a":1},{"a":1,"b":{"a":1}}])"));
  EXPECT_THAT(errors_, IsEmpty());
}

TEST_F(StrictJson, VeryDeepTextDoesNoHarm) {
  parse(std::string(100000, '['));
  EXPECT_EQ(errors_.size(), 1U);
}

class ObjectReaderTest : public testing::Test {
 protected:
  ObjectReader reader(std::string_view text) {
    root_ = nlohmann::json::parse(text);
    return {root_, "/at", errors_};
  }
  std::vector<std::string> told() const {
    std::vector<std::string> lines;
    for (const ConfigError& error : errors_)
      lines.push_back(to_string(error));
    return lines;
  }

  nlohmann::json root_;
  std::vector<ConfigError> errors_;
};

TEST_F(ObjectReaderTest, FinishNamesWhatNobodyAskedFor) {
  auto in = reader(R"({"known":1,"knwon":2,"other":3})");
  in.integer("known", 0, 9, 5);
  in.finish();
  EXPECT_THAT(told(),
              ElementsAre(R"(/at/knwon: unknown key; allowed: known; did you mean "known"?)",
                          "/at/other: unknown key; allowed: known"));
}

TEST_F(ObjectReaderTest, IntegersAreInTheirRangeOrTheFallback) {
  auto in = reader(R"({"low":-5,"high":5,"under":-6,"over":6,"real":1.0,"text":"1"})");
  EXPECT_EQ(in.integer("low", -5, 5, 0), -5);
  EXPECT_EQ(in.integer("high", -5, 5, 0), 5);
  EXPECT_EQ(in.integer("absent", -5, 5, 3), 3);
  EXPECT_THAT(told(), IsEmpty());
  for (std::string_view key : {"under", "over", "real", "text"})
    EXPECT_EQ(in.integer(key, -5, 5, 4), 4);
  EXPECT_EQ(errors_.size(), 4U);
}

TEST_F(ObjectReaderTest, NestedObjectsAndArraysExtendThePointer) {
  auto in = reader(R"({"o":{"x":1},"l":[{},{"y":2}]})");
  in.object("o", [](ObjectReader&) {});
  in.objects("l", [](ObjectReader&) {});
  EXPECT_EQ(errors_.at(0).pointer, "/at/o/x");
  EXPECT_EQ(errors_.at(1).pointer, "/at/l/1/y");
}

TEST_F(ObjectReaderTest, AnAbsentObjectIsReadAsAnEmptyOne) {
  auto in = reader("{}");
  std::string value;
  in.object("o", [&](ObjectReader& nested) { value = nested.text("x", "fallback"); });
  EXPECT_EQ(value, "fallback");
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(ObjectReaderTest, AKeyThatIsNotServedYetIsKnownAndRefused) {
  auto in = reader(R"({"later":1,"nothing":{},"none":[],"null":null})");
  for (std::string_view key : {"later", "nothing", "none", "null"})
    in.unsupported(key);
  in.unsupported("never-given");
  in.finish();
  ASSERT_EQ(errors_.size(), 1U);
  EXPECT_EQ(errors_[0].pointer, "/at/later");
}

}  // namespace
}  // namespace gcstreamd
