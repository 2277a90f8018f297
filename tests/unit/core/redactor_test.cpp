#include "gcstreamd/core/redactor.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace gcstreamd {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

Redactor::Rule remove(std::string_view pointer) {
  return {parse_pointer(pointer).value(), "", nullptr};
}

Redactor::Rule mask(std::string_view pointer) {
  return {parse_pointer(pointer).value(), R"("***")", nullptr};
}

/// Puts what it was given between angle brackets.
Redactor::Rule quote(std::string_view pointer) {
  return {parse_pointer(pointer).value(), "", [](std::string_view value, std::string& out) {
            out += "\"<" + std::string(value) + ">\"";
            return true;
          }};
}

std::string redact(std::vector<Redactor::Rule> rules, std::string_view line) {
  Redactor redactor(std::move(rules));
  const auto shown = redactor.redact(line);
  return shown ? std::string(*shown) : "(nothing)";
}

TEST(Redactor, AMaskedValueIsReplacedWhateverItIs) {
  EXPECT_EQ(redact({mask("/a")}, R"({"a":"+49 170 1"})"), R"({"a":"***"})");
  EXPECT_EQ(redact({mask("/a")}, R"({"a":-1.5e3,"b":1})"), R"({"a":"***","b":1})");
  EXPECT_EQ(redact({mask("/a")}, R"({"a":null})"), R"({"a":"***"})");
  EXPECT_EQ(redact({mask("/a")}, R"({"a":{"b":["}",{}]}})"), R"({"a":"***"})");
  EXPECT_EQ(redact({mask("/a")}, R"({"a":[]})"), R"({"a":"***"})");
}

TEST(Redactor, AllOtherBytesStayAsTheyWere) {
  const std::string line =
      " { \"n\" : 1.50E+1 , \"a\"\t:\r\"x\"  , \"\\u0062\":\"\\/\" , \"n\":1 } ";
  EXPECT_EQ(redact({mask("/a")}, line),
            " { \"n\" : 1.50E+1 , \"a\"\t:\r\"***\"  , \"\\u0062\":\"\\/\" , \"n\":1 } ");
}

TEST(Redactor, ALineThatNoRuleConcernsIsItself) {
  Redactor redactor({mask("/a/b"), remove("/c/*"), mask("/d/0")});
  const std::string line = R"({"a":1,"c":{"x":2},"d":{},"e":[{"a":{"b":1}}]})";
  const auto shown = redactor.redact(line);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->data(), line.data());
  EXPECT_EQ(shown->size(), line.size());
}

TEST(Redactor, ARemovedMemberTakesItsCommaAlong) {
  EXPECT_EQ(redact({remove("/a")}, R"({"a":1,"b":2,"c":3})"), R"({"b":2,"c":3})");
  EXPECT_EQ(redact({remove("/b")}, R"({"a":1,"b":2,"c":3})"), R"({"a":1,"c":3})");
  EXPECT_EQ(redact({remove("/c")}, R"({"a":1,"b":2,"c":3})"), R"({"a":1,"b":2})");
  EXPECT_EQ(redact({remove("/a"), remove("/b")}, R"({"a":1,"b":2,"c":3})"), R"({"c":3})");
  EXPECT_EQ(redact({remove("/b"), remove("/c")}, R"({"a":1,"b":2,"c":3})"), R"({"a":1})");
  EXPECT_EQ(redact({remove("/a"), remove("/c")}, R"({"a":1,"b":2,"c":3})"), R"({"b":2})");
  EXPECT_EQ(redact({remove("/a")}, R"({ "a" : 1 })"), R"({ })");
  EXPECT_EQ(redact({remove("/a")}, R"({ "a" : 1 , "b" : 2 })"), R"({"b" : 2 })");
}

TEST(Redactor, AStarIsEveryMemberOfAnArray) {
  EXPECT_EQ(redact({remove("/p/*/name")}, R"({"p":[{"name":"x","id":1},{"id":2,"name":["y"]},3]})"),
            R"({"p":[{"id":1},{"id":2},3]})");
  EXPECT_EQ(redact({remove("/p/*")}, R"({"p":[1,[2],{"a":3}]})"), R"({"p":[]})");
  EXPECT_EQ(redact({mask("/p/*/*")}, R"({"p":[[1,2],3,[4]]})"),
            R"({"p":[["***","***"],3,["***"]]})");
}

TEST(Redactor, InAnObjectAStarIsTheKeyOfThatName) {
  EXPECT_EQ(redact({mask("/p/*")}, R"({"p":{"a":1,"*":2}})"), R"({"p":{"a":1,"*":"***"}})");
}

TEST(Redactor, ANumberIsAMemberOfAnArrayOrAKey) {
  EXPECT_EQ(redact({remove("/p/1")}, R"({"p":[1,2,3]})"), R"({"p":[1,3]})");
  EXPECT_EQ(redact({mask("/p/2")}, R"({"p":[1,2]})"), R"({"p":[1,2]})");
  EXPECT_EQ(redact({mask("/p/1")}, R"({"p":{"1":2,"01":3}})"), R"({"p":{"1":"***","01":3}})");
  EXPECT_EQ(redact({mask("/p/01"), mask("/p/-")}, R"({"p":[1,2]})"), R"({"p":[1,2]})");
}

TEST(Redactor, EveryOccurrenceOfAKeyIsMeantHoweverItIsWritten) {
  EXPECT_EQ(
      redact({mask("/o/name")},
             R"({"o":{"name":1,"n\u0061me":2,"\u006E\u0061\u006d\u0065":{}},"o":{"name":3}})"),
      R"({"o":{"name":"***","n\u0061me":"***","\u006E\u0061\u006d\u0065":"***"},)"
      R"("o":{"name":"***"}})");
}

TEST(Redactor, KeysAreComparedByWhatTheySay) {
  EXPECT_EQ(redact({mask("/a~1b"), mask("/m~0n"), mask("/"), mask("/\""), mask("/\u20ac"),
                    mask("/\U0001f600")},
                   R"({"a\/b":1,"m~n":2,"":3,"\"":4,"\u20ac":5,"\ud83d\ude00":6,"a~1b":7})"),
            R"({"a\/b":"***","m~n":"***","":"***","\"":"***","\u20ac":"***","\ud83d\ude00":"***",)"
            R"("a~1b":7})");
}

TEST(Redactor, StringsThatLookLikeStructureAreNone) {
  EXPECT_EQ(redact({mask("/b")}, R"({"a":"\"b\":1,}]\\","b":"{\\\"","c":"]"})"),
            R"({"a":"\"b\":1,}]\\","b":"***","c":"]"})");
}

TEST(Redactor, AReplacementIsGivenTheTextOfAStringAndTheBytesOfAnythingElse) {
  EXPECT_EQ(redact({quote("/a/*")}, R"({"a":["\u002b49\/7", 1.0, { "x" : 1 }, true, ""]})"),
            R"({"a":["<+49/7>", "<1.0>", "<{ "x" : 1 }>", "<true>", "<>"]})");
}

TEST(Redactor, TheShorterPointerTakesTheWholeValueAndTheFirstOfTwoWins) {
  EXPECT_EQ(redact({mask("/a/b"), remove("/a")}, R"({"a":{"b":1},"c":2})"), R"({"c":2})");
  EXPECT_EQ(redact({mask("/a/0"), remove("/a/*")}, R"({"a":[1,2,3]})"), R"({"a":["***"]})");
}

TEST(Redactor, AsManyRulesAsThereMayBeAllCount) {
  std::vector<Redactor::Rule> rules;
  std::string line = "{";
  for (std::size_t i = 0; i < Redactor::kMostRules; ++i) {
    rules.push_back(mask("/k" + std::to_string(i)));
    line += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
  }
  const json shown = json::parse(redact(std::move(rules), line + "}"));
  ASSERT_EQ(shown.size(), Redactor::kMostRules);
  for (const auto& [key, value] : shown.items())
    EXPECT_EQ(value, "***") << key;
}

TEST(Redactor, WhatHasNoReplacementIsNotShown) {
  Redactor::Rule rule = quote("/a");
  rule.replace = [](std::string_view, std::string&) { return false; };
  EXPECT_EQ(redact({rule}, R"({"a":1})"), "(nothing)");
  EXPECT_EQ(redact({rule}, R"({"b":1})"), R"({"b":1})");
}

TEST(Redactor, MoreThanItReplacesIsNotShown) {
  std::string members = "0";
  for (std::size_t i = 1; i < Redactor::kMostReplaced; ++i)
    members += ",0";
  EXPECT_NE(redact({quote("/a/*")}, "{\"a\":[" + members + "]}"), "(nothing)");
  EXPECT_EQ(redact({quote("/a/*")}, "{\"a\":[" + members + ",0]}"), "(nothing)");
  EXPECT_NE(redact({mask("/a/*")}, "{\"a\":[" + members + ",0]}"), "(nothing)");
}

TEST(Redactor, WhatIsNoJsonIsNotShown) {
  for (const std::string_view text : {"",
                                      " ",
                                      "{",
                                      R"({"a)",
                                      R"({"a")",
                                      R"({"a":)",
                                      R"({"a":1)",
                                      R"({"a":1,)",
                                      R"({"a":1}x)",
                                      R"({"a":})",
                                      R"({"a" 1})",
                                      R"({a:1})",
                                      R"({"a\)",
                                      R"({"\x":1})",
                                      R"({"\u12g4":1})",
                                      R"({"\u12":1})",
                                      R"({"b":[1,{"x":"]})",
                                      R"({"b":"\"})",
                                      R"({"a":1 "b":2})",
                                      "[1 2]"})
    EXPECT_EQ(redact({mask("/a"), mask("/0/0")}, text), "(nothing)") << text;
}

TEST(Redactor, HalfASurrogatePairIsNoKeyAndNoFault) {
  EXPECT_EQ(redact({mask("/a")}, R"({"\udc00":1,"\ud800\u0041":2,"a":3})"),
            R"({"\udc00":1,"\ud800\u0041":2,"a":"***"})");
}

TEST(ParsePointer, TakesEscapesAndRefusesWhatIsNoPointer) {
  const auto steps = parse_pointer("/a~1b/~01/*/0/");
  ASSERT_TRUE(steps);
  ASSERT_EQ(steps->size(), 5U);
  EXPECT_EQ((*steps)[0].key, "a/b");
  EXPECT_EQ((*steps)[1].key, "~1");
  EXPECT_TRUE((*steps)[2].every);
  EXPECT_EQ((*steps)[3].index, 0U);
  EXPECT_EQ((*steps)[4].key, "");
  EXPECT_TRUE(parse_pointer("")->empty());
  for (const std::string_view text : {"a", "a/b", "/~", "/~2", "/a~", "#/a"})
    EXPECT_FALSE(parse_pointer(text)) << text;
}

// Random texts and rules, against a slow way to the same: nlohmann's parser and one value after the
// other.

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}
  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }
  bool one_in(std::size_t count) { return below(count) == 0; }
  std::string space() { return one_in(4) ? std::string(1 + below(2), one_in(2) ? ' ' : '\t') : ""; }

 private:
  std::mt19937 random_;
};

const std::vector<std::string> kKeys{"a", "b", "*", "0", "1", "", "a/b", "m~n", "\"}", "\u00e4"};

std::string escaped(const std::string& text, Dice& dice) {
  std::string out = "\"";
  for (const char c : text) {
    const bool plain = static_cast<unsigned char>(c) < 0x80;
    if (plain && dice.one_in(3)) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      out += "\\u00";
      out += kDigits[static_cast<std::size_t>(c) >> 4U];
      out += kDigits[static_cast<std::size_t>(c) & 15U];
    } else if (c == '"' || c == '\\') {
      out += std::string("\\") + c;
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string random_scalar(Dice& dice) {
  const std::vector<std::string> scalars{
      "1.50e+1", "-0", "123456789012345678901234567890", "true", "null", R"("")", R"("]}\\\",")"};
  return dice.one_in(2) ? escaped(kKeys[dice.below(kKeys.size())], dice)
                        : scalars[dice.below(scalars.size())];
}

std::string random_text(Dice& dice, int depth) {
  if (depth == 0 || dice.one_in(4))
    return random_scalar(dice);
  const bool object = dice.one_in(2);
  std::string out = object ? "{" : "[";
  out += dice.space();
  const std::size_t count = dice.below(5);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0)
      out += ',' + dice.space();
    if (object)
      out += escaped(kKeys[dice.below(kKeys.size())], dice) + dice.space() + ':' + dice.space();
    out += random_text(dice, depth - 1) + dice.space();
  }
  return out + (object ? '}' : ']');
}

std::string random_pointer(Dice& dice) {
  const std::vector<std::string> steps{"a", "b",    "*",    "0",   "1",
                                       "",  "a~1b", "m~0n", "\"}", "\u00e4"};
  std::string pointer;
  for (std::size_t i = 0, count = 1 + dice.below(3); i < count; ++i)
    pointer += '/' + steps[dice.below(steps.size())];
  return pointer;
}

/// A value as nlohmann's events tell it, with every occurrence of a key.
struct Value {
  std::string scalar;
  char kind = 's';  ///< or '{' or '['
  std::vector<std::pair<std::string, Value>> members;
  bool operator==(const Value&) const = default;
};

class Reader : public nlohmann::json_sax<json> {
 public:
  Value root;

  bool null() override { return put("null"); }
  bool boolean(bool value) override { return put(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return put(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return put(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return put(text); }
  bool string(string_t& value) override { return put('"' + value); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open('{'); }
  bool start_array(std::size_t) override { return open('['); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    key_ = value;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  Value& add(Value value) {
    if (open_.empty())
      return root = std::move(value);
    open_.back()->members.emplace_back(key_, std::move(value));
    key_.clear();
    return open_.back()->members.back().second;
  }
  bool put(std::string scalar) {
    add({std::move(scalar), 's', {}});
    return true;
  }
  bool open(char kind) {
    open_.push_back(&add({"", kind, {}}));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<Value*> open_;
  std::string key_;
};

std::optional<Value> read(const std::string& text) {
  Reader reader;
  if (!json::sax_parse(text, &reader))
    return std::nullopt;
  return std::move(reader.root);
}

enum class Fate { stays, goes, masked };

struct PlainRule {
  std::vector<PointerStep> steps;
  Fate fate;
};

Fate fate_of(const std::vector<PlainRule>& rules,
             const std::vector<std::pair<std::string, char>>& way) {
  for (const PlainRule& rule : rules) {
    bool fits = rule.steps.size() == way.size();
    for (std::size_t i = 0; fits && i < way.size(); ++i) {
      const auto& [name, parent] = way[i];
      const PointerStep& step = rule.steps[i];
      fits = parent == '{' ? step.key == name
                           : step.every || (step.index && std::to_string(*step.index) == name);
    }
    if (fits)
      return rule.fate;
  }
  return Fate::stays;
}

void apply(const std::vector<PlainRule>& rules, Value& value,
           std::vector<std::pair<std::string, char>>& way) {
  std::vector<std::pair<std::string, Value>> kept;
  for (std::size_t i = 0; i < value.members.size(); ++i) {
    auto& [key, member] = value.members[i];
    way.emplace_back(value.kind == '{' ? key : std::to_string(i), value.kind);
    const Fate fate = fate_of(rules, way);
    if (fate == Fate::masked)
      member = {"\"***", 's', {}};
    if (fate == Fate::stays)
      apply(rules, member, way);
    way.pop_back();
    if (fate != Fate::goes)
      kept.emplace_back(key, std::move(member));
  }
  value.members = std::move(kept);
}

class RedactorProperty : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RedactorProperty, RandomTextsComeOutAsTheSlowWaySays) {
  Dice dice(GetParam());
  std::size_t changed = 0;
  for (int round = 0; round < 1000; ++round) {
    std::vector<PlainRule> plain;
    std::vector<Redactor::Rule> rules;
    std::string said;
    for (std::size_t i = 0, count = 1 + dice.below(4); i < count; ++i) {
      const std::string pointer = random_pointer(dice);
      const bool goes = dice.one_in(2);
      rules.push_back(goes ? remove(pointer) : mask(pointer));
      plain.push_back({parse_pointer(pointer).value(), goes ? Fate::goes : Fate::masked});
      said += pointer + (goes ? " goes, " : " is masked, ");
    }
    const std::string text = random_text(dice, 4);
    auto expected = read(text);
    ASSERT_TRUE(expected) << text;
    std::vector<std::pair<std::string, char>> way;
    apply(plain, *expected, way);
    const std::string shown = redact(std::move(rules), text);
    ASSERT_EQ(read(shown), expected) << said << text << " -> " << shown;
    if (shown != text)
      ++changed;
  }
  EXPECT_GT(changed, 100U);
}

TEST_P(RedactorProperty, BrokenTextsNeverShowMoreThanTheyHeld) {
  Dice dice(GetParam());
  for (int round = 0; round < 1000; ++round) {
    std::string text = random_text(dice, 4);
    for (std::size_t i = 0, count = 1 + dice.below(3); i < count && !text.empty(); ++i) {
      const std::size_t at = dice.below(text.size());
      if (dice.one_in(2))
        text.erase(at, 1 + dice.below(3));
      else
        text[at] = R"("\{}[],:u0 )"[dice.below(11)];
    }
    Redactor redactor({remove(random_pointer(dice)), remove(random_pointer(dice))});
    const auto shown = redactor.redact(text);
    EXPECT_LE(shown ? shown->size() : 0, text.size()) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RedactorProperty, testing::Range(0U, 8U));

}  // namespace
}  // namespace gcstreamd
