#include "gcstreamd/sinks/line_reader.hpp"

#include <gmock/gmock.h>

#include <cstring>

namespace gcstreamd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Gives a text in pieces of a size.
class TextSource : public LogSource {
 public:
  explicit TextSource(std::string text, std::size_t piece = SIZE_MAX)
      : text_(std::move(text)), piece_(piece) {}
  std::size_t read(char* to, std::size_t room) override {
    const std::size_t size = std::min({room, piece_, text_.size() - at_});
    std::memcpy(to, text_.data() + at_, size);
    at_ += size;
    return size;
  }
  ReadFault fault() const override { return {}; }
  std::uint64_t consumed() const override { return at_; }

 private:
  std::string text_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

std::vector<std::string> all_of(LineReader& reader) {
  std::vector<std::string> lines;
  while (const auto line = reader.next())
    lines.emplace_back(*line);
  return lines;
}

TEST(LineReader, GivesWholeLinesWithTheirNumbers) {
  TextSource source("a\n\nlast\nunfinished");
  LineReader reader(source);
  EXPECT_THAT(all_of(reader), ElementsAre("a", "", "last"));
  EXPECT_EQ(reader.line(), 3U);
  EXPECT_EQ(reader.unfinished(), "unfinished");
  EXPECT_FALSE(reader.too_long());
}

TEST(LineReader, NothingIsNoLine) {
  TextSource source("");
  LineReader reader(source);
  EXPECT_THAT(all_of(reader), IsEmpty());
  EXPECT_EQ(reader.line(), 0U);
  EXPECT_EQ(reader.unfinished(), "");
}

TEST(LineReader, BlocksAndPiecesOfAnySizeMakeNoDifference) {
  std::vector<std::string> expected;
  std::string text;
  for (std::size_t i = 0; i < 60; ++i) {
    expected.push_back(std::string(i * 7 % 50, 'x'));
    text += expected.back() + '\n';
  }
  for (std::size_t block : {1U, 2U, 13U, 100U, 5000U})
    for (std::size_t piece : {1U, 3U, 64U, 5000U}) {
      TextSource source(text, piece);
      LineReader reader(source, block);
      EXPECT_EQ(all_of(reader), expected) << block << ' ' << piece;
    }
}

TEST(LineReader, ALineThatIsTooLongEndsIt) {
  TextSource source("a\n" + std::string(LineReader::kMostLine + 1, 'x') + "\nb\n");
  LineReader reader(source);
  EXPECT_THAT(all_of(reader), ElementsAre("a"));
  EXPECT_TRUE(reader.too_long());
}

TEST(LineReader, ALineOfNearlyAllThatIsAllowedIsRead) {
  const std::string longest(LineReader::kMostLine - 1, 'x');
  TextSource source(longest + "\nb\n");
  LineReader reader(source, 4096);
  EXPECT_THAT(all_of(reader), ElementsAre(longest, "b"));
}

}  // namespace
}  // namespace gcstreamd
