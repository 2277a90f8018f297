#include "gcstreamd/sinks/sync_pool.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "helpers/fake_disk.hpp"

namespace gcstreamd {
namespace {

TEST(SyncPool, RunsJobsInOrderElsewhereAndTellsHere) {
  SinkBench bench;
  SyncPool::Lane lane = bench.pool.lane();
  std::vector<int> told;
  std::vector<int> ran;
  for (int i = 0; i < 20; ++i)
    lane.run(
        [&ran, i, here = std::this_thread::get_id()] {
          ran.push_back(std::this_thread::get_id() == here ? -1 : i);
          return i % 2 == 0 ? boost::system::error_code() : disk_error(EIO);
        },
        [&told, i, here = std::this_thread::get_id()](boost::system::error_code error) {
          EXPECT_EQ(std::this_thread::get_id(), here);
          EXPECT_EQ(error.failed(), i % 2 == 1);
          told.push_back(i);
        });
  ASSERT_TRUE(bench.run_until([&] { return told.size() == 20; }));
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  EXPECT_EQ(ran, told);
}

TEST(SyncPool, ALaneThatHangsHoldsUpNoOther) {
  SinkBench bench;
  std::atomic<bool> hangs = true;
  SyncPool::Lane stuck = bench.pool.lane();
  SyncPool::Lane other = bench.pool.lane();
  int ended = 0;
  stuck.run(
      [&] {
        hangs.wait(true);
        return boost::system::error_code();
      },
      [&](boost::system::error_code) { ++ended; });
  bool done = false;
  other.run([] { return boost::system::error_code(); },
            [&](boost::system::error_code) { done = true; });
  EXPECT_TRUE(bench.run_until([&] { return done; }));
  EXPECT_EQ(ended, 0);
  hangs = false;
  hangs.notify_all();
  EXPECT_TRUE(bench.run_until([&] { return ended == 1; }));
}

}  // namespace
}  // namespace gcstreamd
