#include "gcstreamd/sinks/file_sink.hpp"

#include <gmock/gmock.h>

#include "helpers/fake_disk.hpp"
#include "helpers/temp_dir.hpp"
#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;

class FileSinkTest : public testing::Test {
 protected:
  void SetUp() override { bench_.context.open_file = open_append_file; }

  std::unique_ptr<FileSink> make(const std::string& path) {
    SinkConfig config;
    config.type = "file";
    config.path = path;
    config.sync = SinkConfig::Sync::batch;
    return std::make_unique<FileSink>(bench_.context, config,
                                      Sink::Callbacks{[] {}, [](boost::system::error_code) {}});
  }

  TempDir dir_;
  SinkBench bench_;
};

TEST_F(FileSinkTest, WritesEachEventsOwnBytesOneLineEach) {
  const auto path = dir_.file("events");
  const auto sink = make(path);
  ASSERT_FALSE(sink->open({{1, 6}, {}, "TIME"}));
  EXPECT_EQ(sink->durable(), (Place{1, 6}));
  sink->append({R"({ "eventType":"a" })", "a", 7, {}}, now_at(0s));
  sink->move_to({1, 7});
  EXPECT_EQ(sink->reached(), (Place{1, 7}));
  EXPECT_EQ(sink->durable(), (Place{1, 6}));
  EXPECT_FALSE(sink->flush());
  EXPECT_EQ(TempDir::read(path), "{ \"eventType\":\"a\" }\n");
  EXPECT_TRUE(bench_.run_until([&] { return sink->settled(); }));
  EXPECT_EQ(sink->durable(), (Place{1, 7}));
}

TEST_F(FileSinkTest, ATornEndIsMovedAwayAndToldOnce) {
  const auto path = dir_.write("events", "{\"a\":1}\n{\"b\":");
  const auto sink = make(path);
  ASSERT_FALSE(sink->open({{}, {}, "TIME"}));
  const auto repair = sink->take_repair();
  ASSERT_TRUE(repair);
  EXPECT_EQ(repair->path, path);
  EXPECT_EQ(repair->bytes, 5U);
  EXPECT_EQ(TempDir::read(repair->moved_to), "{\"b\":");
  EXPECT_EQ(TempDir::read(path), "{\"a\":1}\n");
  EXPECT_FALSE(sink->take_repair());
}

TEST_F(FileSinkTest, RecordsAndRepairsAreNotItsBusiness) {
  const auto path = dir_.file("events");
  const auto sink = make(path);
  ASSERT_FALSE(sink->open({{}, {}, "TIME"}));
  sink->record(AuditRecord("x"), now_at(0s));
  sink->flush();
  EXPECT_EQ(TempDir::read(path), "");
  EXPECT_FALSE(sink->take_repair());
  EXPECT_FALSE(sink->chain_head());
}

TEST_F(FileSinkTest, WhatCannotBeOpenedIsAnError) {
  EXPECT_EQ(make(dir_.file("no/such/file"))->open({{}, {}, "TIME"}).value(), ENOENT);
}

}  // namespace
}  // namespace gcstreamd
