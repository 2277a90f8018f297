#include "gcstreamd/sinks/append_file.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "helpers/temp_dir.hpp"

namespace gcstreamd {
namespace {

constexpr std::size_t kBlock = 65536;

class AppendFileTest : public testing::Test {
 protected:
  TempDir dir_;
};

TEST_F(AppendFileTest, CreatesAppendsAndCounts) {
  const auto path = dir_.file("log");
  {
    const auto file = open_append_file(path, 0600);
    ASSERT_TRUE(file);
    EXPECT_EQ((*file)->size(), 0U);
    EXPECT_FALSE((*file)->append("one\n"));
    EXPECT_FALSE((*file)->append(""));
    EXPECT_FALSE((*file)->append("two\n"));
    EXPECT_EQ((*file)->size(), 8U);
    EXPECT_FALSE((*file)->sync());
  }
  EXPECT_EQ(TempDir::read(path), "one\ntwo\n");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(AppendFileTest, GoesOnBehindWhatIsThere) {
  const auto path = dir_.write("log", "old\n");
  const auto file = open_append_file(path, 0640);
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->size(), 4U);
  (*file)->append("new\n");
  EXPECT_EQ(TempDir::read(path), "old\nnew\n");
}

TEST_F(AppendFileTest, CutsBack) {
  const auto path = dir_.write("log", "one\ntwo\n");
  const auto file = open_append_file(path, 0640);
  ASSERT_TRUE(file);
  EXPECT_FALSE((*file)->truncate(4));
  EXPECT_EQ((*file)->size(), 4U);
  (*file)->append("three\n");
  EXPECT_EQ(TempDir::read(path), "one\nthree\n");
}

TEST_F(AppendFileTest, FindsTheFileBehindAName) {
  const auto path = dir_.file("log");
  EXPECT_EQ(find_file(path).error().value(), ENOENT);
  const auto file = open_append_file(path, 0640);
  ASSERT_TRUE(file);
  EXPECT_EQ(find_file(path).value(), (*file)->id());
  std::filesystem::rename(path, dir_.file("moved"));
  dir_.write("log", "");
  EXPECT_FALSE(find_file(path).value() == (*file)->id());
  EXPECT_EQ(find_file(dir_.file("moved")).value(), (*file)->id());
  EXPECT_FALSE((*file)->sync());
}

TEST_F(AppendFileTest, WhatCannotBeOpenedIsAnError) {
  EXPECT_EQ(open_append_file(dir_.file("no/such/log"), 0640).error().value(), ENOENT);
  EXPECT_EQ(open_append_file(dir_.file(""), 0640).error().value(), EISDIR);
}

TEST_F(AppendFileTest, AShortWriteIsCutBackToWhatWasThere) {
  const auto path = dir_.write("log", std::string(90, 'a') + "\n");
  const auto file = open_append_file(path, 0640);
  ASSERT_TRUE(file);
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit limited = before;
  limited.rlim_cur = 100;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limited), 0);
  const auto error = (*file)->append(std::string(50, 'b') + "\n");
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(error.value(), EFBIG);
  EXPECT_EQ((*file)->size(), 91U);
  EXPECT_EQ(TempDir::read(path), std::string(90, 'a') + "\n");
}

struct TailCase {
  std::string name;
  std::string content;
  std::string last_line;
  std::string torn;
};

class RecoverTail : public testing::TestWithParam<TailCase> {};

TEST_P(RecoverTail, FindsTheLastLineAndMovesATornEndAway) {
  const TailCase& one = GetParam();
  const TempDir dir;
  const auto path = dir.write("log", one.content);
  const auto tail = recover_tail(path, "TIME");
  ASSERT_TRUE(tail);
  EXPECT_EQ(tail->last_line, one.last_line);
  EXPECT_EQ(tail->torn_bytes, one.torn.size());
  EXPECT_EQ(TempDir::read(path), one.content.substr(0, one.content.size() - one.torn.size()));
  EXPECT_EQ(tail->moved_to, one.torn.empty() ? "" : path + ".torn-TIME");
  EXPECT_EQ(TempDir::read(path + ".torn-TIME"), one.torn);
}

std::string lines(std::size_t size) {
  return std::string(size - 1, 'x') + '\n';
}

INSTANTIATE_TEST_SUITE_P(
    Files, RecoverTail,
    testing::Values(
        TailCase{"empty", "", "", ""}, TailCase{"one_line", "one\n", "one", ""},
        TailCase{"two_lines", "one\ntwo\n", "two", ""}, TailCase{"empty_line", "\n", "", ""},
        TailCase{"empty_lines", "one\n\n", "", ""}, TailCase{"torn_only", "torn", "", "torn"},
        TailCase{"torn", "one\ntwo\ntor", "two", "tor"},
        TailCase{"torn_by_one", "one\nt", "one", "t"},
        TailCase{"nul_bytes", std::string("one\n\0\0\0", 7), "one", std::string(3, '\0')},
        TailCase{"block_exactly", lines(kBlock), std::string(kBlock - 1, 'x'), ""},
        TailCase{"two_blocks_exactly", lines(kBlock) + lines(kBlock), std::string(kBlock - 1, 'x'),
                 ""},
        TailCase{"one_over_a_block", "a\n" + lines(kBlock - 1), std::string(kBlock - 2, 'x'), ""},
        TailCase{"line_break_at_a_border", "a\n" + lines(kBlock), std::string(kBlock - 1, 'x'), ""},
        TailCase{"several_blocks", "a\n" + lines(3 * kBlock + 17),
                 std::string(3 * kBlock + 16, 'x'), ""},
        TailCase{"several_blocks_alone", lines(3 * kBlock), std::string(3 * kBlock - 1, 'x'), ""},
        TailCase{"torn_over_blocks", "one\n" + std::string(2 * kBlock + 5, 't'), "one",
                 std::string(2 * kBlock + 5, 't')},
        TailCase{"torn_block_exactly", lines(kBlock) + std::string(kBlock, 't'),
                 std::string(kBlock - 1, 'x'), std::string(kBlock, 't')},
        TailCase{"all_torn_over_blocks", std::string(2 * kBlock, 't'), "",
                 std::string(2 * kBlock, 't')}),
    [](const auto& one) { return one.param.name; });

TEST_F(AppendFileTest, AFileThatIsAbsentHasAnEmptyTail) {
  const auto tail = recover_tail(dir_.file("none"), "TIME");
  ASSERT_TRUE(tail);
  EXPECT_EQ(tail->last_line, "");
  EXPECT_FALSE(std::filesystem::exists(dir_.file("none")));
}

TEST_F(AppendFileTest, WhatIsNotARegularFileHasAnEmptyTail) {
  ASSERT_EQ(::mkfifo(dir_.file("fifo").c_str(), 0600), 0);
  EXPECT_EQ(recover_tail(dir_.file("fifo"), "TIME")->torn_bytes, 0U);
  EXPECT_EQ(recover_tail("/dev/null", "TIME")->torn_bytes, 0U);
}

TEST_F(AppendFileTest, ATornEndIsNoMoreReadableThanItsFile) {
  const auto path = dir_.write("log", "one\ntorn");
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  const auto tail = recover_tail(path, "TIME");
  ASSERT_TRUE(tail);
  struct stat status {};
  ASSERT_EQ(::stat(tail->moved_to.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(AppendFileTest, ASecondRecoveryFindsNothingMoreToDo) {
  const auto path = dir_.write("log", "one\ntorn");
  recover_tail(path, "FIRST");
  const auto tail = recover_tail(path, "SECOND");
  EXPECT_EQ(tail->last_line, "one");
  EXPECT_EQ(tail->torn_bytes, 0U);
}

}  // namespace
}  // namespace gcstreamd
