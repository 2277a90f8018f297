#include "gcstreamd/app/verify_report.hpp"

#include <gmock/gmock.h>

#include "helpers/audit_log.hpp"

namespace gcstreamd {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class VerifyReportTest : public testing::Test {
 protected:
  std::string report_of(std::string_view text, const SealPublicKeys* keys = nullptr) const {
    LogVerifier verifier(keys, [](std::uint64_t) {});
    verifier.verify(look_at({dir_.write("audit.jsonl", text)}).files);
    return verify_report(verifier, keys != nullptr);
  }

  TempDir dir_;
};

TEST_F(VerifyReportTest, SaysWhatTheLogSaysLineByLine) {
  const auto key = seal_key(dir_);
  const auto keys = public_keys(dir_);
  LogMaker log;
  log.events(1, 3);
  log.add("sequence_gap_detected", R"(,"expected":4,"received":7,"missing":3)");
  log.add("events_lost", R"(,"from":4,"to":5,"count":2,"cause":"not_filled")");
  log.events(6, 7);
  log.event(9);
  log.seal(*key);
  log.add("duplicate_suppressed", R"(,"from":1,"to":3,"count":3)");
  log.add("sequence_reset", R"(,"previous":9,"received":1,"cause":"numbers_began_anew")");
  log.event(1);
  log.add("events_lost", R"(,"from":1,"to":1,"count":1,"cause":"reader_stalled","sink":"stdout")");
  const std::string report = report_of(log.text(), &keys);
  EXPECT_EQ(report,
            "stream main\n"
            "  files        " +
                dir_.file("audit.jsonl") +
                "\n"
                "  records      1 to 13\n"
                "  head         13 " +
                log.head().hash +
                "\n"
                "  seals        1 to 1, key 56475aa75463474c, signatures good\n"
                "  sealed       up to record 9 at 2026-11-23T18:44:55.100008Z; 4 records after "
                "it are not\n"
                "  time         2026-11-23T18:44:55.100000Z to 2026-11-23T18:44:55.100012Z\n"
                "  events       7 with a number, 0 without\n"
                "  epoch        1\n"
                "  received     1-3, 6-7, 9 (6 numbers)\n"
                "  lost         4-5 (2 numbers)\n"
                "  not here     8 (1 numbers): in no record of this log\n"
                "  epoch        2\n"
                "  received     1 (1 numbers)\n"
                "  gaps         1 detected (3 numbers), 0 filled (0 numbers)\n"
                "  losses       2 events, 1 records\n"
                "  lost by      stdout alone: 1 events within 1 (1 numbers)\n"
                "  duplicates   3 suppressed in 1 runs\n"
                "  resets       1, and 0 moves of the position\n"
                "whole, with recorded losses\n");
}

TEST_F(VerifyReportTest, ABrokenLogsVerdictNamesFileAndLine) {
  LogMaker log;
  log.events(1, 5);
  std::string text = log.text();
  text.replace(text.rfind("\"a\""), 3, "\"b\"");
  EXPECT_THAT(report_of(text),
              HasSubstr("\nbroken: " + dir_.file("audit.jsonl") + ":5: its hash is wrong"));
}

TEST_F(VerifyReportTest, ALateLogAndALiveOneAreToldAsSuch) {
  LogMaker log;
  log.events(1, 5);
  const std::string report = report_of(log.text(2) + "{\"ts");
  EXPECT_THAT(report,
              HasSubstr("begins       after record 1: records 1 to 2 are not in these files"));
  EXPECT_THAT(report, HasSubstr("audit.jsonl:4: an unfinished line"));
  EXPECT_THAT(report, EndsWith("\nwhole\n"));
}

TEST_F(VerifyReportTest, SignaturesThatNobodyCheckedAreToldAsSuch) {
  LogMaker log;
  log.seal(*seal_key(dir_));
  EXPECT_THAT(report_of(log.text()), HasSubstr("signatures not checked: give --public-key"));
}

TEST_F(VerifyReportTest, ALogWithoutAChainIsToldAsSuch) {
  LogMaker log("plain", false);
  log.event(1);
  EXPECT_THAT(report_of(log.text()), HasSubstr("1, unchained: only their JSON was checked"));
}

TEST_F(VerifyReportTest, WhatALogSaysCannotSteerTheTerminal) {
  LogMaker log("main\\u001b[2J");
  log.event(1);
  EXPECT_THAT(report_of(log.text()), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace gcstreamd
