#include <random>
#include <set>

#include "gcstreamd/sinks/audit_chain.hpp"
#include "sinks/delivery_fixture.hpp"

namespace gcstreamd {
namespace {

/// Faults, moved files and other paths at random, one after the other, against what the delivery
/// promises: each event once and in order in each required sink, no position beyond what a power
/// loss leaves, and no loss untold.
class DeliveryRandomTest : public DeliveryTest, public testing::WithParamInterface<unsigned> {
 protected:
  void SetUp() override {
    add("file", "one");
    add("file", "two").sync = SinkConfig::Sync::interval;
    config_.sinks.back().sync_interval = 1ms;
    add("audit", "audit");
    add("file", "spare", false);
    ASSERT_EQ(make(), "");
  }
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }
  SinkConfig& any_sink() { return config_.sinks[pick(4)]; }

  void on_sinks_down() override { down_ = true; }
  void on_sinks_up() override {
    down_ = false;
    // As far back as a stream may resume.
    if (const auto at = position())
      next_ = *at + 1;
  }

  void send(SequenceNumber number) {
    deliver(number);
    newest_ = std::max(newest_, number);
  }
  void step() {
    SinkConfig& sink = any_sink();
    FakeFile* file = bench_.disk.has(sink.path) ? &bench_.disk[sink.path] : nullptr;
    const unsigned what = pick(22);
    if (what < 6 && !down_)
      send(next_++);
    else if (what < 9)
      delivery_->flush();
    else if (what < 12)
      turn();
    else if (what < 14)
      bench_.loop.restart(), bench_.loop.run_one_for(1ms);
    else if (what == 14 && file)
      moved_.push_back(bench_.disk.take_away(sink.path));
    else if (what == 15)
      delivery_->reopen();
    else if (what == 16 && wanted_saves() > answered_)
      ++answered_, delivery_->saved(pick(4) != 0);
    else if (what == 17)
      change(sink);
    else if (file)
      disturb(*file, what);
  }
  void disturb(FakeFile& file, unsigned what) {
    if (what == 18)
      file.torn_writes = pick(2) == 0, file.fail_appends = 1;
    else if (what == 19)
      file.fail_syncs = 1;
    else if (what == 20)
      file.fail_opens = 1;
    else
      pick(2) == 0 ? file.stall() : file.go_on();
  }
  void change(SinkConfig& sink) {
    if (pick(4) == 0)
      config_.sinks[3].required = !config_.sinks[3].required;
    else if (pick(2) == 0)
      sink.path = path(sink.name) + fmt::format("-{}", ++changes_);
    else
      sink.sync = pick(2) == 0 ? SinkConfig::Sync::batch : SinkConfig::Sync::interval;
    delivery_->reconfigure(config_);
  }
  std::size_t wanted_saves() const { return saves_.size(); }

  void heal() {
    for (const auto& file : bench_.disk.all()) {
      file->fail_appends = file->fail_syncs = file->fail_opens = 0;
      file->go_on();
    }
  }
  /// All that a sink ever wrote, or what of it a power loss leaves.
  std::string written(const std::string& name, bool durable) const {
    std::string text;
    for (const auto& file : bench_.disk.all())
      if (file->path == path(name) || file->path.starts_with(path(name) + "-"))
        text += durable ? file->content.substr(0, file->durable) : file->content;
    return text;
  }
  static std::vector<SequenceNumber> numbers(const std::string& text) {
    std::vector<SequenceNumber> found;
    std::size_t at = 0;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', at)) {
      const std::string line = text.substr(at, end - at);
      at = end + 1;
      const auto key = line.find("\"sequenceNumber\":");
      if (line[0] != '{')
        found.push_back(std::stoull(line));
      else if (key != std::string::npos && line.find("event_received") != std::string::npos)
        found.push_back(std::stoull(line.substr(key + 17)));
    }
    EXPECT_EQ(at, text.size()) << "a torn line";
    return found;
  }
  void expect_position_is_durable() {
    const auto at = position();
    ASSERT_TRUE(at);
    EXPECT_GE(*at, last_position_);
    last_position_ = *at;
    for (const char* name : {"one", "two"}) {
      const bool there =
          ("\n" + written(name, true)).find(fmt::format("\n{}\n", *at)) != std::string::npos;
      EXPECT_TRUE(*at == kStart.number || there) << name << ' ' << *at;
    }
  }
  void expect_chain(const std::string& text) {
    AuditChain chain;
    for (std::size_t at = 0; at < text.size();) {
      const std::string line = text.substr(at, text.find('\n', at) - at + 1);
      std::string again = line.substr(0, line.rfind(",\"n\":"));
      chain.seal_line(again, 0);
      ASSERT_EQ(line, again);
      at += line.size();
    }
  }
  std::set<SequenceNumber> told_lost() const {
    std::set<SequenceNumber> lost;
    for (const std::string& one : news_) {
      SequenceNumber from = 0;
      SequenceNumber to = 0;
      if (one.starts_with("events_lost") &&
          std::sscanf(one.c_str(), R"(events_lost,"from":%lu,"to":%lu)", &from, &to) == 2)
        for (; from <= to; ++from)
          lost.insert(from);
    }
    return lost;
  }

  void run() {
    for (int i = 0; i < 400 && !HasFailure(); ++i) {
      step();
      expect_position_is_durable();
    }
  }

  std::mt19937 random_{GetParam()};
  bool down_ = false;
  SequenceNumber next_ = kStart.number + 1;
  SequenceNumber newest_ = kStart.number;
  SequenceNumber last_position_ = 0;
  std::size_t answered_ = 0;
  unsigned changes_ = 0;
  std::vector<std::shared_ptr<FakeFile>> moved_;
};

TEST_P(DeliveryRandomTest, KeepsItsPromise) {
  run();
  heal();
  answer_ = true;
  while (answered_ < wanted_saves())
    ++answered_, delivery_->saved(true);
  ASSERT_TRUE(bench_.run_until([this] {
    heal();
    return !down_;
  }));
  for (const SequenceNumber last = newest_ + 1; next_ <= last; ++next_)
    send(next_);
  ASSERT_TRUE(bench_.run_until([this] {
    heal();
    delivery_->flush();
    return !down_ && position() == newest_;
  }));
  delivery_->close();
  ASSERT_TRUE(bench_.run_until([this] { return delivery_->settled(); }));
  std::vector<SequenceNumber> all;
  for (SequenceNumber n = kStart.number + 1; n <= newest_; ++n)
    all.push_back(n);
  EXPECT_EQ(numbers(written("one", false)), all);
  EXPECT_EQ(numbers(written("two", false)), all);
  EXPECT_EQ(numbers(written("audit", false)), all);
  expect_chain(written("audit", false));
  auto spare = numbers(written("spare", false));
  EXPECT_TRUE(std::is_sorted(spare.begin(), spare.end()));
  EXPECT_EQ(std::adjacent_find(spare.begin(), spare.end()), spare.end());
  std::set<SequenceNumber> known = told_lost();
  known.insert(spare.begin(), spare.end());
  for (const SequenceNumber number : all)
    EXPECT_TRUE(known.contains(number)) << number << " is missing in spare, and nobody was told";
}

/// Wherever it is stopped: it ends, and a restart at its position doubles and misses nothing.
TEST_P(DeliveryRandomTest, EndsWhereverItIsStopped) {
  run();
  answer_ = pick(2) == 0;
  delivery_->saved(*answer_);
  delivery_->close();
  ASSERT_TRUE(bench_.run_until([this] {
    for (const auto& file : bench_.disk.all())
      file->go_on();
    return delivery_->settled();
  }));
  expect_position_is_durable();
  for (const char* name : {"one", "two", "audit"}) {
    std::string text = written(name, false);
    text.resize(text.rfind('\n') + 1);  // a failed write's part is moved away at the next start
    SequenceNumber wanted = kStart.number;
    for (const SequenceNumber number : numbers(text))
      EXPECT_EQ(number, ++wanted) << name;
    EXPECT_GE(wanted, position());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DeliveryRandomTest, testing::Range(1U, 41U));

}  // namespace
}  // namespace gcstreamd
