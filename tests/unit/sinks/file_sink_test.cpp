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
  std::unique_ptr<FileSink> make(const std::string& path) {
    SinkConfig config;
    config.type = "file";
    config.path = path;
    config.sync = SinkConfig::Sync::batch;
    return std::make_unique<FileSink>(bench_.real_context, config,
                                      Sink::Callbacks{[] {}, [](boost::system::error_code) {}});
  }

  TempDir dir_;
  SinkBench bench_;
};

TEST_F(FileSinkTest, WritesEachEventsOwnBytesOneLineEach) {
  const auto path = dir_.file("events");
  const auto sink = make(path);
  ASSERT_FALSE(sink->open({{1, 6}, {}, false, "TIME"}));
  ASSERT_FALSE(sink->go_on());
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

TEST_F(FileSinkTest, EventsInAnotherFileThanTheSavedOneAreNotHeld) {
  const std::string line = R"({"eventType":"a","sequenceNumber":8})"
                           "\n";
  const auto path = dir_.write("events", line);
  const auto sink = make(path);
  SinkStart start;
  start.place = {1, 6};
  start.time = "TIME";
  start.saved.emplace();
  start.saved->path = path;
  start.saved->file.inode = 1;
  start.saved->place = start.place;
  ASSERT_FALSE(sink->open(start));
  EXPECT_EQ(sink->reached(), start.place);
  EXPECT_TRUE(sink->take_held().empty());
  EXPECT_EQ(sink->saved()->epoch_offset, line.size());
}

TEST_F(FileSinkTest, ATornEndIsMovedAwayAndToldOnce) {
  const auto path = dir_.write("events", "{\"eventType\":\"a\"}\n{\"b\":");
  const auto sink = make(path);
  ASSERT_FALSE(sink->open({{}, {}, false, "TIME"}));
  ASSERT_FALSE(sink->go_on());
  const auto repairs = sink->take_repairs();
  ASSERT_EQ(repairs.size(), 1U);
  EXPECT_EQ(repairs[0].path, path);
  EXPECT_EQ(repairs[0].bytes, 5U);
  EXPECT_EQ(TempDir::read(repairs[0].moved_to), "{\"b\":");
  EXPECT_EQ(TempDir::read(path), "{\"eventType\":\"a\"}\n");
  EXPECT_TRUE(sink->take_repairs().empty());
}

TEST_F(FileSinkTest, RecordsAndRepairsAreNotItsBusiness) {
  const auto path = dir_.file("events");
  const auto sink = make(path);
  ASSERT_FALSE(sink->open({{}, {}, false, "TIME"}));
  ASSERT_FALSE(sink->go_on());
  sink->record(AuditRecord("x"), now_at(0s));
  sink->flush();
  EXPECT_EQ(TempDir::read(path), "");
  EXPECT_TRUE(sink->take_repairs().empty());
  EXPECT_EQ(sink->saved()->head, ChainHead{});
}

TEST_F(FileSinkTest, WhatCannotBeOpenedIsAnError) {
  EXPECT_EQ(make(dir_.file("no/such/file"))->open({{}, {}, false, "TIME"}).value(), ENOENT);
}

}  // namespace
}  // namespace gcstreamd
