#include "gcstreamd/sinks/chain_check.hpp"

#include <gmock/gmock.h>

#include <functional>

#include "helpers/audit_log.hpp"

namespace gcstreamd {
namespace {

using testing::HasSubstr;

using Lines = std::vector<std::string>;

struct Finding {
  std::size_t line = 0;  ///< from 1; 0: whole
  std::string what;
};

Finding check_all(ChainCheck& check, const Lines& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string padded = lines[i] + std::string(AuditLineParser::kPadding, '"');
    auto fault = check.check(std::string_view(padded).substr(0, lines[i].size()));
    if (!fault.empty())
      return {i + 1, fault};
  }
  return {};
}

class ChainCheckTest : public testing::Test {
 protected:
  /// Ten records, of which the 4th, 7th and 10th are seals.
  Lines sealed_log(std::string_view pem = kSealPem) const {
    const auto key = seal_key(dir_, pem);
    LogMaker log;
    for (std::uint64_t i = 1; i <= 10; ++i)
      if (i % 3 == 1 && i > 1)
        log.seal(*key);
      else
        log.event(i);
    return log.lines();
  }
  Finding find(const Lines& lines) const {
    ChainCheck check(&keys_);
    return check_all(check, lines);
  }
  /// As someone would who may write the file and has no key: the chain is right again.
  static Lines chained_again(const Lines& lines) {
    AuditChain chain;
    Lines again;
    for (const std::string& line : lines) {
      const std::size_t end = line.rfind(",\"n\":");
      std::string text = line.substr(0, end);
      chain.seal_line(text, 0);
      text.pop_back();
      again.push_back(text);
    }
    return again;
  }

  TempDir dir_;
  SealPublicKeys keys_ = public_keys(dir_);
};

TEST_F(ChainCheckTest, AWholeLogIsWhole) {
  ChainCheck check(&keys_);
  const Lines log = sealed_log();
  EXPECT_EQ(check_all(check, log).what, "");
  EXPECT_EQ(check.first(), 1U);
  EXPECT_EQ(check.head().n, 10U);
  EXPECT_EQ(check.head(), chain_head_of(log.back()));
  EXPECT_TRUE(check.first_is_proven());
  EXPECT_EQ(check.seals().count, 3U);
  EXPECT_EQ(check.seals().last, 3U);
  EXPECT_EQ(check.seals().last_record, 10U);
  EXPECT_EQ(check.seals().key_id, "56475aa75463474c");
}

TEST_F(ChainCheckTest, AnyChangedByteIsFoundWhereItIs) {
  const Lines log = sealed_log();
  for (const std::size_t line : {0U, 1U, 3U, 9U})
    for (std::size_t i = 0; i < log[line].size(); ++i)
      for (const int bit : {0x01, 0x20, 0x80}) {
        Lines changed = log;
        changed[line][i] = static_cast<char>(changed[line][i] ^ bit);
        ASSERT_EQ(find(changed).line, line + 1) << i << ' ' << changed[line];
      }
}

TEST_F(ChainCheckTest, AByteMoreOrLessIsFoundWhereItIs) {
  const Lines log = sealed_log();
  for (std::size_t i = 0; i <= log[1].size(); ++i) {
    Lines changed = log;
    changed[1].insert(i, " ");
    ASSERT_EQ(find(changed).line, 2U) << changed[1];
    changed = log;
    changed[1].erase(i, 1);
    ASSERT_EQ(find(changed).line, i < log[1].size() ? 2U : 0U) << changed[1];
  }
}

struct Tamper {
  const char* name;
  std::function<void(Lines&)> change;
  std::size_t line;
  const char* told;
};

void PrintTo(const Tamper& tamper, std::ostream* out) {
  *out << tamper.name;
}

class TamperTest : public ChainCheckTest, public testing::WithParamInterface<Tamper> {};

TEST_P(TamperTest, IsFound) {
  Lines lines = sealed_log();
  GetParam().change(lines);
  const Finding finding = find(lines);
  EXPECT_EQ(finding.line, GetParam().line) << finding.what;
  EXPECT_THAT(finding.what, HasSubstr(GetParam().told));
}

INSTANTIATE_TEST_SUITE_P(
    , TamperTest,
    testing::Values(
        Tamper{"ARecordDropped", [](Lines& log) { log.erase(log.begin() + 4); }, 5, "its n is 6"},
        Tamper{"ASealDropped", [](Lines& log) { log.erase(log.begin() + 3); }, 4, "its n is 5"},
        Tamper{"TwoSwapped", [](Lines& log) { std::swap(log[4], log[5]); }, 5, "its n is 6"},
        Tamper{"OneTwice", [](Lines& log) { log.insert(log.begin() + 2, log[1]); }, 3,
               "its n is 2, expected 3"},
        Tamper{"OneInserted",
               [](Lines& log) {
                 log.insert(log.begin() + 2, R"({"ts":"t","stream":"main","type":"metrics"})");
               },
               3, "no n and hash"},
        Tamper{"ALineBreakInserted", [](Lines& log) { log.insert(log.begin() + 2, ""); }, 3,
               "not valid JSON"},
        Tamper{"TwoLinesInOne",
               [](Lines& log) {
                 log[1] += log[2];
                 log.erase(log.begin() + 2);
               },
               2, "not valid JSON"},
        Tamper{"CutInTheMiddle", [](Lines& log) { log[5].resize(40); }, 6, "not valid JSON"},
        Tamper{"AnothersNumber",
               [](Lines& log) { log[5].replace(log[5].find("\"n\":6"), 5, "\"n\":7"); }, 6,
               "its n is 7, expected 6"}),
    [](const auto& one) { return one.param.name; });

/// What someone does who may write the file, and makes the chain right again.
class ForgeryTest : public ChainCheckTest, public testing::WithParamInterface<Tamper> {};

TEST_P(ForgeryTest, IsFoundByTheSeals) {
  Lines lines = sealed_log();
  GetParam().change(lines);
  lines = chained_again(lines);
  const Finding finding = find(lines);
  EXPECT_EQ(finding.line, GetParam().line) << finding.what;
  EXPECT_THAT(finding.what, HasSubstr(GetParam().told));
}

void replace_in(std::string& line, std::string_view from, std::string_view to) {
  line.replace(line.find(from), from.size(), to);
}

INSTANTIATE_TEST_SUITE_P(
    , ForgeryTest,
    testing::Values(
        Tamper{"ARecordChanged", [](Lines& log) { replace_in(log[1], "\"a\"", "\"b\""); }, 4,
               "headHash"},
        Tamper{"ARecordDropped", [](Lines& log) { log.erase(log.begin() + 1); }, 3, "headRecord"},
        Tamper{"ARecordInserted", [](Lines& log) { log.insert(log.begin() + 5, log[5]); }, 8,
               "headRecord"},
        Tamper{"TheFirstSealDropped", [](Lines& log) { log.erase(log.begin() + 3); }, 6,
               "sealNumber is 2, expected 1"},
        Tamper{"ASealDropped", [](Lines& log) { log.erase(log.begin() + 6); }, 9,
               "sealNumber is 3, expected 2"},
        Tamper{"ASealMoved", [](Lines& log) { std::swap(log[3], log[4]); }, 5, "headRecord"},
        Tamper{"TwoSealsSwapped", [](Lines& log) { std::swap(log[3], log[6]); }, 4, "sealNumber"},
        Tamper{"ASealTwice", [](Lines& log) { log.insert(log.begin() + 4, log[3]); }, 5,
               "sealNumber is 1, expected 2"},
        Tamper{"ASealsTimeChanged", [](Lines& log) { replace_in(log[3], "18:44", "18:45"); }, 4,
               "signature"},
        Tamper{"ASealsStreamChanged", [](Lines& log) { replace_in(log[3], "main", "mane"); }, 4,
               "signature"},
        Tamper{"ASealsKeyChanged", [](Lines& log) { replace_in(log[3], "56475a", "56475b"); }, 4,
               "of key \"56475ba"},
        Tamper{"AFieldAddedBehindTheSignature",
               [](Lines& log) { log[3].insert(log[3].rfind(",\"n\":"), ",\"x\":1"); }, 4,
               "signature"},
        Tamper{"TheSignatureOfAnotherSeal",
               [](Lines& log) {
                 const auto at = log[3].find("signature");
                 log[3].replace(at, 100, log[6].substr(log[6].find("signature"), 100));
               },
               4, "signature"},
        Tamper{"NoSignature",
               [](Lines& log) {
                 const auto at = log[3].find(",\"signature");
                 log[3].erase(at, log[3].rfind(",\"n\":") - at);
               },
               4, "lacks"},
        Tamper{"TheSignatureInAnotherForm", [](Lines& log) { replace_in(log[3], "==\"", "=\""); },
               4, "signature"}),
    [](const auto& one) { return one.param.name; });

TEST_F(ChainCheckTest, AForgerysNewHeadIsFoundInTheSealAfterIt) {
  // Headers that fit the forged records, without a key to sign them.
  Lines lines = sealed_log();
  replace_in(lines[1], "\"a\"", "\"b\"");
  lines = chained_again(lines);
  const std::string head = chain_head_of(lines[2]).value().hash;
  lines[3].replace(lines[3].find("headHash") + 11, 64, head);
  const Finding finding = find(chained_again(lines));
  EXPECT_EQ(finding.line, 4U);
  EXPECT_THAT(finding.what, HasSubstr("signature"));
}

TEST_F(ChainCheckTest, AnotherKeysSealsAreFound) {
  const Finding finding = find(sealed_log(kOtherSealPem));
  EXPECT_EQ(finding.line, 4U);
  EXPECT_THAT(finding.what, HasSubstr("the public key given is 56475aa75463474c"));
}

TEST_F(ChainCheckTest, WithoutAKeyOnlySignaturesAreTakenOnTrust) {
  ChainCheck check(nullptr);
  EXPECT_EQ(check_all(check, sealed_log(kOtherSealPem)).what, "");
  Lines moved = sealed_log();
  std::swap(moved[3], moved[4]);
  ChainCheck again(nullptr);
  EXPECT_EQ(check_all(again, chained_again(moved)).line, 5U);
}

TEST_F(ChainCheckTest, ALogMayBeginLate) {
  const Lines log = sealed_log();
  for (std::size_t first = 1; first < log.size(); ++first) {
    ChainCheck check(&keys_);
    EXPECT_EQ(
        check_all(check, Lines(log.begin() + static_cast<std::ptrdiff_t>(first), log.end())).what,
        "")
        << first;
    EXPECT_EQ(check.first(), first + 1);
    EXPECT_EQ(check.first_is_proven(), (first + 1) % 3 == 1) << "a seal brings what is before it";
  }
}

TEST_F(ChainCheckTest, ALateLogsFirstSealCannotBeChangedUnseen) {
  const Lines log = sealed_log();
  for (std::size_t i = 0; i < log[3].size(); ++i) {
    Lines changed(log.begin() + 3, log.end());
    changed[0][i] = static_cast<char>(changed[0][i] ^ 1);
    ChainCheck check(&keys_);
    const bool found = check_all(check, changed).line != 0;
    EXPECT_TRUE(found || !check.first_is_proven()) << i;  // another type is no seal any more
  }
}

TEST_F(ChainCheckTest, RecordNumberZeroIsNone) {
  Lines lines = sealed_log();
  lines.resize(1);
  replace_in(lines[0], "\"n\":1", "\"n\":0");
  EXPECT_EQ(find(lines).line, 1U);
}

TEST_F(ChainCheckTest, TellsWhatGoesOnFromItsHead) {
  const Lines log = sealed_log();
  ChainCheck check(nullptr);
  EXPECT_FALSE(check.continues_with(log[0]));
  check_all(check, {log[0], log[1]});
  EXPECT_TRUE(check.continues_with(log[2]));
  EXPECT_FALSE(check.continues_with(log[1]));
  EXPECT_FALSE(check.continues_with(log[3]));
  EXPECT_FALSE(check.continues_with(chained_again({log[0], log[0], log[2]})[2]));
  EXPECT_FALSE(check.continues_with("no record"));
}

}  // namespace
}  // namespace gcstreamd
