#include "gcstreamd/app/log_verifier.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "helpers/audit_log.hpp"

namespace gcstreamd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LogVerifierTest : public testing::Test {
 protected:
  LogVerifierTest() { log_.events(1, 30); }

  void write(const std::string& name, std::string_view text) {
    dir_.write(name, text);
    names_.insert(names_.begin(), dir_.file(name));  // the wrong way round
  }
  /// Three files with ten records each.
  void write_log() {
    write("log.1", log_.text(0, 10));
    write("log.2", gzipped(log_.text(10, 20)));
    write("log", log_.text(20));
  }
  const LogVerifier& verify(const SealPublicKeys* keys = nullptr) {
    verifier_.emplace(keys, [this](std::uint64_t bytes) { progress_ = bytes; });
    verifier_->verify(look_at(names_).files);
    return *verifier_;
  }
  /// `NAME:LINE`, or "" when all is whole.
  std::string broken_at() {
    const auto& broken = verify().broken();
    if (!broken)
      return {};
    what_ = broken->what;
    return std::filesystem::path(broken->path).filename().string() + ':' +
           std::to_string(broken->line);
  }

  TempDir dir_;
  LogMaker log_;
  std::vector<std::string> names_;
  std::optional<LogVerifier> verifier_;
  std::string what_;
  std::uint64_t progress_ = 0;
};

TEST_F(LogVerifierTest, FilesInAnyOrderAreOneChain) {
  write_log();
  EXPECT_EQ(broken_at(), "");
  ASSERT_THAT(verifier_->chains(), SizeIs(1));
  const auto& chain = verifier_->chains()[0];
  EXPECT_THAT(chain.files, SizeIs(3));
  EXPECT_EQ(chain.check.head(), log_.head());
  EXPECT_EQ(chain.summary.records(), 30U);
  EXPECT_THAT(chain.summary.streams().at(0).epochs().at(0).received.shown,
              ElementsAre(Hole{1, 30}));
  EXPECT_FALSE(verifier_->any_lost());
  std::uint64_t stored = 0;
  for (const auto& name : names_)
    stored += std::filesystem::file_size(name);
  EXPECT_EQ(progress_, stored);
}

TEST_F(LogVerifierTest, LogsOfSeveralStreamsAreChainsOfTheirOwn) {
  LogMaker other("other");
  other.events(1, 25);
  write_log();
  write("other.1", other.text(0, 10));
  write("other.2", other.text(10));
  EXPECT_EQ(broken_at(), "");
  ASSERT_THAT(verifier_->chains(), SizeIs(2));
  EXPECT_EQ(verifier_->chains()[0].summary.records() + verifier_->chains()[1].summary.records(),
            55U);
}

TEST_F(LogVerifierTest, TwoAuditSinksOfOneStreamAreTwoChains) {
  LogMaker filtered;
  filtered.event(1);
  for (std::uint64_t number = 2; number <= 30; number += 2)
    filtered.event(number);
  write_log();
  write("filtered.1", filtered.text(0, 9));
  write("filtered", filtered.text(9));
  EXPECT_EQ(broken_at(), "");
  EXPECT_THAT(verifier_->chains(), SizeIs(2));
}

TEST_F(LogVerifierTest, AStreamThatWasRenamedIsOneChain) {
  AuditChain chain;
  chain.continue_from(log_.head());
  std::string line = R"({"ts":"t","stream":"new","type":"metrics")";
  chain.seal_line(line, 0);
  write_log();
  write("new", line);
  EXPECT_EQ(broken_at(), "");
  ASSERT_THAT(verifier_->chains(), SizeIs(1));
  EXPECT_THAT(verifier_->chains()[0].summary.streams(), SizeIs(2));
}

TEST_F(LogVerifierTest, ALogThatBeginsLateIsWhole) {
  write("log.2", log_.text(10, 20));
  write("log", log_.text(20));
  EXPECT_EQ(broken_at(), "");
  EXPECT_EQ(verifier_->chains().at(0).check.first(), 11U);
}

TEST_F(LogVerifierTest, AMissingFileIsFound) {
  write("log.1", log_.text(0, 10));
  write("log", log_.text(20));
  EXPECT_EQ(broken_at(), "log:1");
  EXPECT_THAT(what_, HasSubstr("records 11 to 20 are missing between"));
}

TEST_F(LogVerifierTest, AMissingRecordAtAFilesEndIsFound) {
  write("log.1", log_.text(0, 9));
  write("log", log_.text(10));
  EXPECT_EQ(broken_at(), "log:1");
  EXPECT_THAT(what_, HasSubstr("record 10 is missing between"));
}

TEST_F(LogVerifierTest, AnyChangedByteOfAnyFileIsFoundWhereItIs) {
  const std::string text = log_.text(10, 20);
  write("log.1", log_.text(0, 10));
  write("log.2", text);
  write("log.3", log_.text(20, 21));
  write("log", log_.text(21));
  for (std::size_t i = 0; i < text.size(); i += i < 700 ? 1 : 37) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    dir_.write("log.2", changed);
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(i), '\n');
    ASSERT_EQ(broken_at(), "log.2:" + std::to_string(line)) << i << ": " << what_;
  }
}

TEST_F(LogVerifierTest, AnyChangedByteOfAFilesOnlyRecordIsFound) {
  const std::string text = log_.text(20, 21);
  write("log.1", log_.text(0, 20));
  write("log.2", text);
  write("log.3", log_.text(21));
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    dir_.write("log.2", changed);
    ASSERT_NE(broken_at(), "") << i << changed;
  }
}

TEST_F(LogVerifierTest, AnUnfinishedLastLineOfALiveFileIsNoFault) {
  write("log.1", log_.text(0, 20));
  write("log", log_.text(20, 25) + log_.lines()[25].substr(0, 40));
  EXPECT_EQ(broken_at(), "");
  ASSERT_THAT(verifier_->unfinished(), SizeIs(1));
  EXPECT_EQ(verifier_->unfinished()[0].line, 6U);
}

TEST_F(LogVerifierTest, AnUnfinishedLineInAFileThatAnotherOneFollowsIsFound) {
  for (const std::string& unfinished : {log_.lines()[20].substr(0, 40), log_.lines()[20]}) {
    names_.clear();
    write("log.1", log_.text(0, 20) + unfinished);
    write("log", log_.text(20));
    EXPECT_EQ(broken_at(), "log.1:21");
    EXPECT_THAT(what_, HasSubstr("unfinished"));
  }
}

TEST_F(LogVerifierTest, ACopyAnUnfinishedLineAndTornTailsDoNotDisturb) {
  write_log();
  write("log.1.gz", gzipped(log_.text(0, 10)));
  write("log.torn-20261123T184455Z", "{\"ts");
  EXPECT_EQ(broken_at(), "");
  EXPECT_EQ(verifier_->chains().at(0).summary.records(), 30U);
}

TEST_F(LogVerifierTest, CompressedDataThatAreCutOffAreBroken) {
  write("log.1.gz", gzipped(log_.text(0, 10)));
  const std::string stored = zstd_compressed(log_.text(10));
  write("log.2.zst", stored.substr(0, stored.size() - 1));
  EXPECT_EQ(broken_at(), "log.2.zst:21");
  EXPECT_THAT(what_, HasSubstr("cut off"));
}

TEST_F(LogVerifierTest, WhatIsNoLogIsBroken) {
  write("text", "no log\n");
  EXPECT_EQ(broken_at(), "text:1");
  names_.clear();
  write("text", "no line break");
  EXPECT_EQ(broken_at(), "text:1");
}

TEST_F(LogVerifierTest, ARewrittenFileInTheMiddleIsFound) {
  LogMaker forged;
  forged.events(1, 9);
  forged.add("metrics");
  forged.events(11, 20);
  write("log.1", log_.text(0, 10));
  write("log.2", forged.text(10));
  write("log", log_.text(20));
  EXPECT_EQ(broken_at(), "log.2:1");
}

TEST_F(LogVerifierTest, ALateLogWhoseFirstNumberWasChangedIsBrokenThere) {
  std::string text = log_.text(10);
  text.replace(text.find("\"n\":11"), 6, "\"n\":91");
  write("log", text);
  EXPECT_EQ(broken_at(), "log:1");
}

TEST_F(LogVerifierTest, ALogWithoutAChainIsToldAsUnchained) {
  LogMaker plain("plain", false);
  plain.events(1, 5);
  write("one", plain.text(0, 3));
  write("two", plain.text(3));
  EXPECT_EQ(broken_at(), "");
  ASSERT_THAT(verifier_->unchained(), SizeIs(1));
  EXPECT_EQ(verifier_->unchained()[0].summary.records(), 5U);
  EXPECT_THAT(verifier_->chains(), IsEmpty());
}

TEST_F(LogVerifierTest, ALogWithoutAChainHasItsJsonChecked) {
  LogMaker plain("plain", false);
  plain.events(1, 5);
  write("one", plain.text(0, 3) + "{\"ts\":}\n");
  EXPECT_EQ(broken_at(), "one:4");
}

TEST_F(LogVerifierTest, AChainInTheMiddleOfALogWithoutOneIsBroken) {
  LogMaker plain("main", false);
  plain.events(1, 5);
  write("one", plain.text() + log_.text(5));
  EXPECT_EQ(broken_at(), "one:6");
}

TEST_F(LogVerifierTest, LossesOfAnyLogAreKnown) {
  LogMaker plain("plain", false);
  plain.add("events_lost", R"(,"from":1,"to":2,"count":2,"cause":"not_filled")");
  write_log();
  EXPECT_FALSE(verify().any_lost());
  write("plain", plain.text());
  EXPECT_TRUE(verify().any_lost());
}

TEST_F(LogVerifierTest, WithAKeyALogWithoutSealsIsBroken) {
  const auto keys = public_keys(dir_);
  write_log();
  ASSERT_TRUE(verify(&keys).broken());
  EXPECT_THAT(verify(&keys).broken()->what, HasSubstr("no seal"));
  names_.clear();
  LogMaker plain("plain", false);
  plain.event(1);
  write("plain", plain.text());
  EXPECT_THAT(verify(&keys).broken()->what, HasSubstr("no chain"));
}

TEST_F(LogVerifierTest, SealsAreFollowedFromFileToFile) {
  const auto keys = public_keys(dir_);
  const auto key = seal_key(dir_);
  log_.seal(*key);
  log_.events(31, 40);
  log_.seal(*key);
  write("log.1", log_.text(0, 35));
  write("log", log_.text(35));
  EXPECT_FALSE(verify(&keys).broken());
  EXPECT_EQ(verifier_->chains().at(0).check.seals().count, 2U);
}

TEST_F(LogVerifierTest, AFileThatGoesAwayIsUnreadable) {
  write_log();
  const auto files = look_at(names_).files;
  dir_.write("new", "");
  std::filesystem::remove(dir_.file("log.2"));
  LogVerifier gone(nullptr, [](std::uint64_t) {});
  gone.verify(files);
  ASSERT_TRUE(gone.unreadable());
  EXPECT_THAT(gone.unreadable()->path, HasSubstr("log.2"));
  std::filesystem::rename(dir_.file("new"), dir_.file("log.2"));
  LogVerifier replaced(nullptr, [](std::uint64_t) {});
  replaced.verify(files);
  ASSERT_TRUE(replaced.unreadable());
  EXPECT_THAT(replaced.unreadable()->what, HasSubstr("another file"));
}

}  // namespace
}  // namespace gcstreamd
