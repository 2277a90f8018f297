#include "gcstreamd/sinks/audit_sink.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "gcstreamd/sinks/chain_check.hpp"
#include "helpers/audit_log.hpp"
#include "helpers/fake_disk.hpp"
#include "helpers/padded.hpp"
#include "helpers/temp_dir.hpp"
#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;

/// Whether lines continue the chain that ends in `head`; checked line by line.
void expect_chain(const std::string& text, ChainHead head = {}) {
  std::istringstream in(text);
  AuditChain chain;
  chain.continue_from(std::move(head));
  for (std::string line; std::getline(in, line);) {
    std::string again = line.substr(0, line.rfind(",\"n\":"));
    chain.seal_line(again, 0);
    EXPECT_EQ(line + '\n', again);
  }
}

/// Built by statements: g++ 12 sees uninitialised strings in a braced one.
SinkStart at_the_beginning() {
  SinkStart start;
  start.time = "TIME";
  return start;
}

class AuditSinkTest : public testing::Test {
 protected:
  void open(const SinkStart& start = at_the_beginning(), bool chain = true) {
    SinkConfig config;
    config.type = "audit";
    config.path = path_;
    config.sync = SinkConfig::Sync::batch;
    config.chain = chain;
    sink_ = std::make_unique<AuditSink>(
        fake_ ? bench_.context : bench_.real_context, config,
        Sink::Callbacks{[] {}, [this](boost::system::error_code) { ++faults_; }}, "ma\"in");
    ASSERT_FALSE(sink_->open(start));
    ASSERT_FALSE(sink_->go_on());
  }
  std::string written() {
    EXPECT_FALSE(sink_->flush());
    EXPECT_TRUE(bench_.run_until([&] { return sink_->settled(); }));
    return TempDir::read(path_);
  }

  TempDir dir_;
  std::string path_ = dir_.file("audit");
  SinkBench bench_;
  bool fake_ = false;
  std::unique_ptr<AuditSink> sink_;
  int faults_ = 0;
};

TEST_F(AuditSinkTest, ARecordHasTimeStreamTypeThenItsFieldsThenNumberAndHash) {
  open();
  sink_->record(AuditRecord("daemon_stopping").text("signal", "SIGTERM"), now_at(123ms));
  const std::string text = written();
  EXPECT_TRUE(text.starts_with(
      R"({"ts":"2026-11-23T18:44:55.123000Z","stream":"ma\"in","type":"daemon_stopping",)"
      R"("signal":"SIGTERM","n":1,"hash":")"))
      << text;
  expect_chain(text);
}

TEST_F(AuditSinkTest, AnEventIsOneRecordWithItsTypeAndNumber) {
  open(at_the_beginning(), false);
  sink_->append({"{}", "a\"b", 7, {}}, now_at(0s));
  sink_->append({"{}", "c", kNoNumber, {}}, now_at(0s));
  EXPECT_EQ(written(),
            R"({"ts":"2026-11-23T18:44:55.000000Z","stream":"ma\"in","type":"event_received",)"
            R"("eventType":"a\"b","sequenceNumber":7})"
            "\n"
            R"({"ts":"2026-11-23T18:44:55.000000Z","stream":"ma\"in","type":"event_received",)"
            R"("eventType":"c"})"
            "\n");
}

TEST_F(AuditSinkTest, TimesAreRightWithinAndOverSeconds) {
  open(at_the_beginning(), false);
  for (const auto us : {0us, 1us, 999999us, 1000000us, 1000001us, 59000000us, 5us, -1us}) {
    sink_->record(AuditRecord("x"), {at(0s), wall(us)});
  }
  const std::string text = written();
  for (std::string_view time : {"55.000000Z", "55.000001Z", "55.999999Z", "56.000000Z",
                                "56.000001Z", "45:54.000000Z", "55.000005Z", "54.999999Z"})
    EXPECT_THAT(text, testing::HasSubstr(time));
}

TEST_F(AuditSinkTest, EachLineIsJsonWhateverTheRecordHolds) {
  open();
  std::string bytes;
  for (int i = 0; i < 256; ++i)
    bytes += static_cast<char>(i);
  for (int i = 0; i < 20; ++i)
    sink_->record(AuditRecord("x").text("reason", bytes + R"(,"hash":"")"), now_at(1s * i));
  const std::string text = written();
  std::istringstream in(text);
  int count = 0;
  for (std::string line; std::getline(in, line); ++count)
    EXPECT_EQ(nlohmann::json::parse(line).at("n"), count + 1);
  EXPECT_EQ(count, 20);
  expect_chain(text);
}

TEST_F(AuditSinkTest, TheChainGoesOnOverARestart) {
  open();
  sink_->record(AuditRecord("one"), now_at(0s));
  written();
  const auto saved = sink_->saved();
  sink_.reset();
  open({{}, saved, false, "TIME"});
  sink_->record(AuditRecord("two"), now_at(1s));
  expect_chain(written());
  EXPECT_EQ(sink_->saved()->head.n, 2U);
}

TEST_F(AuditSinkTest, TheFileIsNewerThanTheSavedHead) {
  open();
  sink_->record(AuditRecord("one"), now_at(0s));
  written();
  const auto old = sink_->saved();
  sink_->record(AuditRecord("two"), now_at(1s));
  written();
  sink_.reset();
  open({{}, old, false, "TIME"});
  sink_->record(AuditRecord("three"), now_at(2s));
  expect_chain(written());
}

TEST_F(AuditSinkTest, TheChainGoesOnInANewFileAfterTheOldOneWasMovedAway) {
  const ChainHead saved{41, std::string(64, 'e')};
  SavedSink sink;
  sink.head = saved;
  open({{}, sink, false, "TIME"});
  sink_->record(AuditRecord("next"), now_at(0s));
  expect_chain(written(), saved);
  EXPECT_EQ(sink_->saved()->head.n, 42U);
}

TEST_F(AuditSinkTest, ATornEndIsMovedAwayAndTheChainGoesOnBeforeIt) {
  open();
  sink_->record(AuditRecord("one"), now_at(0s));
  const std::string whole = written();
  sink_.reset();
  dir_.write("audit", whole + R"({"ts":"2026)");
  open();
  sink_->record(AuditRecord("two"), now_at(1s));
  const std::string text = written();
  EXPECT_TRUE(text.starts_with(whole));
  expect_chain(text);
}

TEST_F(AuditSinkTest, TheHeadThatIsToldIsTheDurableOne) {
  open();
  sink_->record(AuditRecord("one"), now_at(0s));
  EXPECT_EQ(sink_->saved()->head.n, 0U);
  sink_->flush();
  EXPECT_EQ(sink_->saved()->head.n, 0U);
  written();
  EXPECT_EQ(sink_->saved()->head.n, 1U);
}

TEST_F(AuditSinkTest, AfterAFailedSyncTheChainGoesOnFromWhatWasDurable) {
  path_ = "/nowhere/audit";
  fake_ = true;
  FakeFile& file = bench_.disk[path_];
  open();
  sink_->record(AuditRecord("one"), now_at(0s));
  written();
  file.fail_syncs = 1;
  sink_->record(AuditRecord("two"), now_at(0s));
  sink_->flush();
  ASSERT_TRUE(bench_.run_until([&] { return faults_ == 1; }));
  sink_->record(AuditRecord("while it is down"), now_at(0s));
  EXPECT_FALSE(sink_->recover("TIME"));
  sink_->record(AuditRecord("three"), now_at(0s));
  written();
  expect_chain(file.content);
}

TEST_F(AuditSinkTest, AfterAFailedSyncNoRecordThatNobodySendsAgainIsMissing) {
  path_ = "/nowhere/audit";
  fake_ = true;
  FakeFile& file = bench_.disk[path_];
  open();
  file.fail_syncs = 1;
  sink_->record(AuditRecord("events_lost"), now_at(0s));
  sink_->flush();
  ASSERT_TRUE(bench_.run_until([&] { return faults_ == 1; }));
  sink_->record(AuditRecord("sink_failed"), now_at(0s));
  EXPECT_FALSE(sink_->recover("TIME"));
  written();
  EXPECT_THAT(file.content, testing::HasSubstr("\"type\":\"events_lost\""));
  EXPECT_THAT(file.content, testing::HasSubstr("\"type\":\"sink_failed\""));
  expect_chain(file.content);
}

TEST_F(AuditSinkTest, AfterAFailedWriteNoRecordIsMissing) {
  path_ = "/nowhere/audit";
  fake_ = true;
  FakeFile& file = bench_.disk[path_];
  open();
  file.fail_appends = 1;
  sink_->record(AuditRecord("one"), now_at(0s));
  EXPECT_TRUE(sink_->flush());
  sink_->record(AuditRecord("two"), now_at(0s));
  EXPECT_FALSE(sink_->recover("TIME"));
  sink_->record(AuditRecord("three"), now_at(0s));
  written();
  EXPECT_EQ(std::count(file.content.begin(), file.content.end(), '\n'), 3);
  expect_chain(file.content);
}

TEST_F(AuditSinkTest, RecordsThatFoundNoRoomAreCounted) {
  fake_ = true;
  open();
  bench_.disk[path_].fail_appends = 1;
  const std::string large(1024 * 1024, 'x');
  for (int i = 0; i < 9; ++i)
    sink_->record(AuditRecord("large").text("words", large), now_at(0s));
  EXPECT_TRUE(sink_->flush());
  EXPECT_FALSE(sink_->recover("TIME"));
  sink_->record(AuditRecord("last"), now_at(0s));
  EXPECT_FALSE(sink_->flush());
  const std::string& text = bench_.disk[path_].content;
  EXPECT_THAT(text, testing::HasSubstr(R"("type":"records_dropped","count":5,)"));
  EXPECT_THAT(text, testing::HasSubstr(R"("type":"last")"));
  expect_chain(text);
}

/// With a key of its own.
class SealedAuditTest : public AuditSinkTest {
 protected:
  void open_sealed(const std::optional<SavedSink>& saved = std::nullopt) {
    SinkConfig config;
    config.type = config.name = "audit";
    config.path = path_;
    config.sync = SinkConfig::Sync::batch;
    config.seal = SealConfig{60s, write_private(dir_, "seal.pem", kSealPem)};
    sink_ = std::make_unique<AuditSink>(bench_.real_context, config,
                                        Sink::Callbacks{[] {}, [](auto) {}}, "main");
    ASSERT_FALSE(sink_->open({{}, saved, false, "TIME"}));
    ASSERT_FALSE(sink_->go_on());
  }
  /// Checks the whole log, signatures too. Returns the number of its seals.
  std::uint64_t check() {
    const SealPublicKeys keys = public_keys(dir_);
    ChainCheck check(&keys);
    std::string text = written();
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      const Padded line(text.substr(at, end - at));
      EXPECT_EQ(check.check(line.view()), "");
      at = end + 1;
    }
    return check.seals().count;
  }
};

TEST_F(SealedAuditTest, IsSealedEverySoOftenWhereSomethingNewWasWritten) {
  open_sealed();
  EXPECT_FALSE(sink_->on_tick(now_at(0s), false));
  sink_->record(AuditRecord("one"), now_at(1s));
  const auto news = sink_->on_tick(now_at(1s), false);
  ASSERT_TRUE(news);
  EXPECT_THAT(news->fields(), testing::HasSubstr(R"("sealNumber":1,"record":2,"hash":")"));
  sink_->record(AuditRecord("more"), now_at(2s));
  EXPECT_FALSE(sink_->on_tick(now_at(60s), false));
  EXPECT_TRUE(sink_->on_tick(now_at(61s), false));
  EXPECT_FALSE(sink_->on_tick(now_at(200s), false));
  sink_->record(AuditRecord("two"), now_at(201s));
  EXPECT_TRUE(sink_->on_tick(now_at(201s), false));
  EXPECT_EQ(check(), 3U);
}

TEST_F(SealedAuditTest, IsSealedAtTheEnd) {
  open_sealed();
  sink_->record(AuditRecord("one"), now_at(1s));
  EXPECT_TRUE(sink_->on_tick(now_at(1s), true));
  EXPECT_EQ(check(), 1U);
}

TEST_F(SealedAuditTest, SealsGoOnAfterARestartAndInANewFile) {
  open_sealed();
  sink_->record(AuditRecord("one"), now_at(1s));
  sink_->on_tick(now_at(1s), true);
  written();
  const auto saved = sink_->saved();
  open_sealed(saved);
  sink_->record(AuditRecord("two"), now_at(2s));
  sink_->on_tick(now_at(2s), true);
  EXPECT_EQ(check(), 2U);
  // What was not saved is read from the file's end.
  open_sealed(saved);
  sink_->record(AuditRecord("three"), now_at(3s));
  sink_->on_tick(now_at(3s), true);
  EXPECT_EQ(check(), 3U);
}

TEST_F(SealedAuditTest, WhatAnotherProcessLeftUnsealedIsSealedAtTheFirstTick) {
  open_sealed();
  sink_->record(AuditRecord("one"), now_at(1s));
  written();
  open_sealed(sink_->saved());
  EXPECT_TRUE(sink_->on_tick(now_at(2s), false));
  EXPECT_EQ(check(), 1U);
}

TEST_F(SealedAuditTest, AKeyThatCannotBeReadIsToldWithItsFile) {
  open_sealed();
  SinkConfig config;
  config.path = path_;
  config.seal = SealConfig{60s, dir_.file("none")};
  AuditSink sink(bench_.real_context, config, {}, "main");
  EXPECT_TRUE(sink.open({{}, {}, false, "TIME"}));
  EXPECT_THAT(sink.words(), testing::StartsWith(dir_.file("none") + ": "));
}

TEST_F(AuditSinkTest, RecordsDoNotFillTheMemoryWhileTheFileIsDown) {
  open();
  const std::string big(100000, 'x');
  for (int i = 0; i < 200; ++i)
    sink_->record(AuditRecord("x").text("reason", big), now_at(0s));
  EXPECT_LT(sink_->waiting(), 5U * 1024 * 1024);
  expect_chain(written());
}

}  // namespace
}  // namespace gcstreamd
