#include "gcstreamd/core/content_hash.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gcstreamd {
namespace {

std::string text_of(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i)
    text += static_cast<char>('a' + i % 26);
  return text;
}

TEST(ContentHash, is_the_same_for_the_same_bytes_wherever_they_are) {
  const std::string text = text_of(700);
  for (std::size_t shift = 0; shift < 16; ++shift) {
    const std::string moved = std::string(shift, '-') + text;
    EXPECT_EQ(content_hash(std::string_view(moved).substr(shift)), content_hash(text));
  }
}

TEST(ContentHash, tells_every_length_apart) {
  std::set<std::uint64_t> seen;
  for (std::size_t size = 0; size < 500; ++size) {
    seen.insert(content_hash(std::string(size, '\0')));
    seen.insert(content_hash(text_of(size) + '!'));
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(ContentHash, depends_on_every_bit_of_every_byte) {
  for (const std::size_t size : {1U, 15U, 16U, 17U, 47U, 48U, 49U, 130U}) {
    std::set<std::uint64_t> seen{content_hash(text_of(size))};
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      std::string other = text_of(size);
      other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
      seen.insert(content_hash(other));
    }
    EXPECT_EQ(seen.size(), size * 8 + 1) << size;
  }
}

TEST(ContentHash, depends_on_where_the_bytes_stand) {
  const std::string a(16, 'a');
  const std::string b(16, 'b');
  std::set<std::uint64_t> seen;
  for (const std::string& text : {a + b + a + b, b + a + a + b, a + a + b + b, b + b + a + a})
    seen.insert(content_hash(text));
  EXPECT_EQ(seen.size(), 4U);
}

}  // namespace
}  // namespace gcstreamd
