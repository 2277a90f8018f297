#include "gcstreamd/sinks/read_ahead.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace gcstreamd {
namespace {

/// Gives as much as is asked for, without end, and counts.
class Endless : public LogSource {
 public:
  explicit Endless(std::atomic<int>& reads) : reads_(reads) {}
  std::size_t read(char* to, std::size_t room) override {
    std::fill_n(to, room, 'x');
    ++reads_;
    reads_.notify_all();
    return room;
  }
  ReadFault fault() const override { return {}; }
  std::uint64_t consumed() const override { return static_cast<std::uint64_t>(reads_.load()); }

 private:
  std::atomic<int>& reads_;
};

TEST(ReadAhead, ReadsNoMoreThanAFewBlocksAhead) {
  std::atomic<int> reads = 0;
  {
    ReadAhead ahead(std::make_unique<Endless>(reads), 10);
    char byte = 0;
    for (int taken = 0; taken < 100; ++taken)
      ASSERT_EQ(ahead.read(&byte, 1), 1U);
    EXPECT_EQ(ahead.consumed(), 10U);  // as of the block that is given now
  }
  EXPECT_LE(reads, 10 + static_cast<int>(ReadAhead::kMostBlocks));
}

}  // namespace
}  // namespace gcstreamd
