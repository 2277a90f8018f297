#include "gcstreamd/core/status_table.hpp"

#include <gmock/gmock.h>

#include "gcstreamd/core/status_json.hpp"
#include "helpers/statuses.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string table_of(const DaemonStatus& daemon) {
  return status_table(to_json(daemon)).value();
}

TEST(StatusTableTest, AStreamAndItsSinksAreOneRowEach) {
  DaemonStatus daemon = daemon_status();
  daemon.streams[0].token_expires = wall(1h);
  daemon.streams[0].sinks[0].disk_free = 13'207'024'435;
  EXPECT_EQ(table_of(daemon),
            "gcstreamd 1.2.3, process 7, up 1 min, ready\n"
            "\n"
            "STREAM  STATE      SINCE  RATE  LATENCY P50/P95  LAST NUMBER  GAPS  LOST  DUPLICATES  "
            "TOKEN LEFT\n"
            "main    streaming  1 min  -     -                42           0     0     0           "
            "59 min\n"
            "\n"
            "STREAM  SINK  STATE    REQUIRED  DURABLE  LAG  FAILURES  DISK FREE\n"
            "main    file  working  yes       39       3    0         12.3 GiB\n");
}

TEST(StatusTableTest, AWaitSaysHowLongItLasts) {
  DaemonStatus daemon = daemon_status();
  daemon.streams[0].state = StreamState::waiting;
  daemon.streams[0].next_attempt = daemon.now + 40s;
  EXPECT_THAT(table_of(daemon), HasSubstr("main    waiting (40 s)"));
}

TEST(StatusTableTest, ChannelsHaveALineOfTheirOwn) {
  DaemonStatus daemon = daemon_status();
  daemon.streams[0] = notifications_status();
  EXPECT_THAT(table_of(daemon), HasSubstr("\nmain: 2 of 3 channels heard, 2500 topics, 1 rejected, "
                                          "4 windows to fill in\n"));
}

TEST(StatusTableTest, WhatIsNotReadyIsSaidFirst) {
  DaemonStatus daemon = daemon_status();
  daemon.streams[0].position_saved = false;
  EXPECT_THAT(table_of(daemon),
              HasSubstr(", NOT READY\n  stream main: its position cannot be saved in state_dir\n"));
}

TEST(StatusTableTest, TheLastFaultsSayWhatToDoNext) {
  DaemonStatus daemon = daemon_status();
  for (int i = 0; i < 5; ++i)
    daemon.streams[0].incidents.on(AuditRecord("connection_error")
                                       .text("error", "e" + std::to_string(i))
                                       .text("hint", "do it"),
                                   wall());
  EXPECT_THAT(table_of(daemon), AllOf(HasSubstr("connection_error error=e4\n    do it\n"),
                                      Not(HasSubstr("error=e1"))));
}

TEST(StatusTableTest, AnExpiredTokenIsSaidToBeOne) {
  DaemonStatus daemon = daemon_status();
  daemon.streams[0].token_expires = wall(-1h);
  EXPECT_THAT(table_of(daemon), HasSubstr("expired\n"));
}

TEST(StatusTableTest, NothingInItSteersTheTerminal) {
  DaemonStatus daemon = daemon_status();
  daemon.streams[0].state = StreamState::held;
  daemon.streams[0].sinks[0].state = SinkState::failed;
  daemon.streams[0].sinks[0].error = "\x1b[2J\x07\n\x7f";
  EXPECT_THAT(table_of(daemon), HasSubstr("sink file is failed: ?[2J???\n"));
}

TEST(StatusTableTest, WhatIsNoStatusHasNoTable) {
  for (const auto* text :
       {"", "{", "null", "[]", "{}", R"({"streams":5})", R"({"streams":[]})", "<html>"})
    EXPECT_FALSE(status_table(text)) << text;
}

TEST(StatusTableTest, KeysThatAreMissingOrOfAnotherTypeAreNone) {
  EXPECT_EQ(status_table(R"({"streams":[7,{"name":["x"],"sinks":{"a":1},"faults":"f",)"
                         R"("latencyMs":{"p50":1}}],"notReady":[1],"now":5,"version":"x","pid":1})")
                .value()
                .substr(0, 40),
            "gcstreamd x, process 1, up -, NOT READY\n");
}

TEST(StatusTableTest, DurationsAreForPeople) {
  EXPECT_EQ(for_people(0s), "now");
  EXPECT_EQ(for_people(59s), "59 s");
  EXPECT_EQ(for_people(60s), "1 min");
  EXPECT_EQ(for_people(3h + 2min), "3 h 02 min");
  EXPECT_EQ(for_people(51h), "2 d 03 h");
}

TEST(StatusTableTest, BytesAreForPeople) {
  EXPECT_EQ(bytes_for_people(0), "0 B");
  EXPECT_EQ(bytes_for_people(1023), "1023 B");
  EXPECT_EQ(bytes_for_people(1536), "1.5 KiB");
  EXPECT_EQ(bytes_for_people(std::uint64_t{1} << 40), "1.0 TiB");
}

}  // namespace
}  // namespace gcstreamd
