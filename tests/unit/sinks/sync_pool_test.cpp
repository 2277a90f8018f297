#include "gcstreamd/sinks/sync_pool.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "helpers/fake_disk.hpp"

namespace gcstreamd {
namespace {

TEST(SyncPool, RunsJobsInOrderElsewhereAndTellsHere) {
  SinkBench bench;
  std::vector<int> told;
  std::vector<int> ran;
  for (int i = 0; i < 20; ++i)
    bench.pool.run(
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

}  // namespace
}  // namespace gcstreamd
