#include "gcstreamd/app/verify_files.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "helpers/audit_log.hpp"

namespace gcstreamd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LookAtTest : public testing::Test {
 protected:
  LookAtTest() { log_.events(1, 30); }

  void write(const std::string& name, std::string_view text) {
    names_.push_back(dir_.write(name, text));
  }
  VerifyFiles look() const { return look_at(names_); }
  /// The names of the files that are to be read, in order.
  std::vector<std::string> order() const {
    std::vector<std::string> names;
    for (const VerifyFile& file : look().files)
      names.push_back(std::filesystem::path(file.path).filename());
    return names;
  }

  TempDir dir_;
  LogMaker log_;
  std::vector<std::string> names_;
};

TEST_F(LookAtTest, FilesAreInTheOrderOfTheirFirstRecordsWhateverTheirNames) {
  write("a", log_.text(20));
  write("b", gzipped(log_.text(10, 20)));
  write("c", zstd_compressed(log_.text(0, 10)));
  EXPECT_THAT(order(), ElementsAre("c", "b", "a"));
  const auto files = look().files;
  EXPECT_TRUE(files[0].compressed);
  EXPECT_FALSE(files[2].compressed);
  EXPECT_EQ(files[2].n, 21U);
  EXPECT_EQ(files[2].stream, "main");
  EXPECT_EQ(files[2].first, log_.lines()[20]);
}

TEST_F(LookAtTest, AChangedFirstNumberDoesNotChangeTheOrder) {
  std::string text = log_.text(10, 20);
  text.replace(text.find("\"n\":11"), 6, "\"n\":91");
  write("middle", text);
  write("last", log_.text(20));
  write("first", log_.text(0, 10));
  EXPECT_THAT(order(), ElementsAre("first", "middle", "last"));
  EXPECT_EQ(look().files[1].told_n, 91U);
  EXPECT_EQ(look().files[1].n, 11U);
}

TEST_F(LookAtTest, ABrokenFirstLineDoesNotChangeTheOrder) {
  std::string text = log_.text(10, 20);
  text[0] = 'x';
  write("middle", text);
  write("first", log_.text(0, 10));
  EXPECT_THAT(order(), ElementsAre("first", "middle"));
}

TEST_F(LookAtTest, WhatHoldsNoRecordIsPassedOver) {
  write("audit.jsonl", log_.text());
  write("audit.jsonl.torn-20261123T184455Z", log_.text(0, 1));
  write("empty", "");
  write("empty.gz", gzipped(""));
  write("begun", log_.lines()[0].substr(0, 50));
  write("zeros", std::string(10, '\0'));
  EXPECT_THAT(order(), ElementsAre("audit.jsonl"));
  EXPECT_THAT(look().notes,
              ElementsAre(HasSubstr("moved away"), HasSubstr("empty: passed over: there is no"),
                          HasSubstr("no whole record"), HasSubstr("no whole record"),
                          HasSubstr("no whole record")));
}

TEST_F(LookAtTest, WhatIsNoLogIsNotPassedOver) {
  write("text", "no line break");
  write("cut.gz", gzipped(log_.text()).substr(0, 20));
  EXPECT_EQ(order().size(), 2U);
}

TEST_F(LookAtTest, AFileUnderTwoNamesIsReadOnce) {
  write("audit.jsonl", log_.text());
  names_.push_back(names_[0]);
  std::filesystem::create_hard_link(names_[0], dir_.file("link"));
  names_.push_back(dir_.file("link"));
  EXPECT_THAT(order(), ElementsAre("audit.jsonl"));
  EXPECT_THAT(look().notes, ElementsAre(HasSubstr("named twice"), HasSubstr("named twice")));
}

TEST_F(LookAtTest, OfAnArchivedFileAndItsCompressedCopyOneIsRead) {
  write("log.1.zst", zstd_compressed(log_.text(0, 20)));
  write("log.1", log_.text(0, 20));
  write("log", log_.text(20));
  EXPECT_THAT(order(), ElementsAre("log.1", "log"));
  EXPECT_THAT(look().notes, ElementsAre(HasSubstr("log.1.zst: passed over")));
}

TEST_F(LookAtTest, OfAFileAndItsBeginningTheFileIsRead) {
  write("whole", log_.text());
  write("a-part", log_.text(0, 9) + log_.lines()[9].substr(0, 30));
  write("cut.gz", gzipped(log_.text()).substr(0, 1000));
  EXPECT_THAT(order(), ElementsAre("whole"));
  EXPECT_THAT(look().notes, ElementsAre(HasSubstr("and more"), HasSubstr("and more")));
}

TEST_F(LookAtTest, TwoLogsThatBeginWithTheSameRecordAreTwo) {
  LogMaker other;
  other.event(1);
  other.event(7);
  write("one", log_.text());
  write("other", other.text());
  EXPECT_THAT(order(), ElementsAre("one", "other"));
  EXPECT_THAT(look().notes, IsEmpty());
}

TEST_F(LookAtTest, ALogWithoutAChainIsKnown) {
  LogMaker plain("main", false);
  plain.events(1, 3);
  write("plain", plain.text());
  EXPECT_FALSE(look().files.at(0).chained);
}

TEST_F(LookAtTest, ATakenOutFirstHashMakesNoLogWithoutAChain) {
  LogMaker plain("main", false);
  plain.event(1);
  write("log", plain.text() + log_.text(1));
  EXPECT_TRUE(look().files.at(0).chained);
}

TEST_F(LookAtTest, WhatCannotBeReadIsToldWithTheReason) {
  names_ = {dir_.file("absent"), dir_.file(".")};
  EXPECT_THAT(look().unreadable, ElementsAre(HasSubstr("absent: "), HasSubstr("directory")));
}

}  // namespace
}  // namespace gcstreamd
