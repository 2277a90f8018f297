#include "gcstreamd/core/durable_hash.hpp"

#include <gmock/gmock.h>

#include <set>

namespace gcstreamd {
namespace {

TEST(DurableHashTest, IsTheSameInEveryBuild) {
  EXPECT_EQ(durable_hash("").text(), "00000000000000000000000000000000");
  EXPECT_EQ(durable_hash("hello").text(), "cbd8a7b341bd9b025b1e906a48ae1d19");
  EXPECT_EQ(durable_hash("The quick brown fox jumps over the lazy dog").text(),
            "e34bbc7bbc071b6c7a433ca9c49a9347");
}

TEST(DurableHashTest, EveryByteCounts) {
  std::set<DurableHash> seen;
  std::string text(40, 'a');
  for (char& c : text) {
    c = 'b';
    seen.insert(durable_hash(text));
    c = 'a';
  }
  for (std::size_t size = 0; size <= text.size(); ++size)
    seen.insert(durable_hash(text.substr(0, size)));
  EXPECT_EQ(seen.size(), 81U);
}

TEST(DurableHashTest, TextIsReadBack) {
  const DurableHash hash{0x0123456789abcdefU, 7};
  EXPECT_EQ(DurableHash::parse(hash.text()), hash);
}

TEST(DurableHashTest, OtherTextIsNone) {
  EXPECT_FALSE(DurableHash::parse(""));
  EXPECT_FALSE(DurableHash::parse("0123456789abcdef0123456789abcde"));
  EXPECT_FALSE(DurableHash::parse("0123456789abcdef0123456789abcdeg"));
  EXPECT_FALSE(DurableHash::parse("-123456789abcdef0123456789abcdef"));
}

}  // namespace
}  // namespace gcstreamd
