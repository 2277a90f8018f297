#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "gcstreamd/app/store.hpp"
#include "gcstreamd/core/analytics_stream.hpp"
#include "helpers/fake_disk.hpp"
#include "helpers/padded.hpp"
#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kOne = "/log/one";
constexpr auto kFiltered = "/log/filtered";
constexpr auto kAudit = "/log/audit";
constexpr auto kSpare = "/log/spare";
constexpr auto kLate = "/log/late";
constexpr auto kOthersEvent = R"({"eventType":"a","sequenceNumber":900})";
constexpr auto kOthersRecord = R"({"ts":"","stream":"other","type":"daemon_started"})";

/// The other side: what it ever sent, and what it still has.
class FakeServer {
 public:
  void say(unsigned count) {
    for (; count > 0; --count) {
      current_.push_back(fmt::format(
          R"({{"eventType":"{}","sequenceNumber":{},"timestamp":"2026-11-24T10:00:00.{:06}Z"}})",
          sent_.size() % 3 == 0 ? "b" : "a", current_.size() + 1, sent_.size()));
      sent_.push_back(current_.back());
    }
  }
  /// Its numbers begin anew.
  void forget() { current_.clear(); }

  /// The message behind `position`; what it does not know of makes it begin with its first one.
  const std::string* after(SequenceNumber position) const {
    const auto at = position > current_.size() ? 0 : position;
    return at < current_.size() ? &current_[at] : nullptr;
  }
  const std::vector<std::string>& sent() const { return sent_; }

 private:
  std::vector<std::string> sent_;
  std::vector<std::string> current_;
};

/// A stream without a network: a store, an intake, and whatever the server says.
class MiniStream : private StoreObserver {
 public:
  MiniStream(FakeDisk& disk, const StreamConfig& config)
      : pool_(loop_.get_executor(), loop_.get_executor()),
        context_{loop_.get_executor(), pool_, disk},
        store_(context_, "/state", config, *this) {}

  bool open() {
    fault_ = store_.open();
    if (!fault_.empty())
      return false;
    intake_.emplace(protocol_, metrics_, store_.delivery(), GapPolicy({}), store_.verifier(),
                    [](std::string_view text) { return std::string(text); });
    store_.begin(*intake_);
    return true;
  }
  const std::string& fault() const { return fault_; }

  /// Takes what the server has as long as it may.
  void take(const FakeServer& server, unsigned most) {
    for (; most > 0; --most) {
      if (down_ || !store_.ready())
        return;
      if (!connected_)
        asks_after_ = intake_->position().value_or(0);
      connected_ = true;
      const std::string* message = server.after(asks_after_);
      if (!message)
        return;
      asks_after_ = json::parse(*message).at("sequenceNumber").get<SequenceNumber>();
      const Padded padded(*message);
      const auto next = intake_->on_message(padded.view(), now());
      if (next == Intake::Next::hold)
        store_.secure_epoch();
      if (next == Intake::Next::resume)
        disconnect();
    }
  }
  void flush() { store_.delivery().flush(); }
  void tick() { store_.tick(); }
  void reopen() { store_.delivery().reopen(); }
  void reconfigure() { store_.reconfigure(true, false); }
  void turn() {
    loop_.restart();
    loop_.poll();
  }
  void disconnect() {
    connected_ = false;
    intake_->on_disconnect(now());
  }
  void close() {
    disconnect();
    store_.close();
  }
  bool run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      loop_.restart();
      loop_.run_one_for(2ms);
    }
    return done();
  }
  bool caught_up(const FakeServer& server) const {
    return !down_ && store_.ready() && connected_ && !server.after(asks_after_);
  }
  bool settled_so_far() const { return store_.settled(); }
  bool settled() const { return store_.settled() && closed_; }
  const std::vector<std::string>& news() const { return news_; }

 private:
  void on_store_down() override {
    if (!std::exchange(down_, true) && intake_)
      disconnect();
  }
  void on_store_up() override { down_ = false; }
  void on_record(const AuditRecord& record) override {
    news_.push_back(record.type() + record.fields());
  }
  void on_store_moved() override {}
  void on_store_closed() override { closed_ = true; }
  Now now() override { return now_at(0s); }

  boost::asio::io_context loop_{1};
  SyncPool pool_;
  SinkContext context_;
  AnalyticsStream protocol_{{"a", "b"}, 100};
  Metrics metrics_{at(0ms)};
  Store store_;
  std::optional<Intake> intake_;
  std::string fault_;
  bool down_ = false;
  bool connected_ = false;
  bool closed_ = false;
  SequenceNumber asks_after_ = 0;
  std::vector<std::string> news_;
};

void PrintTo(const struct Scenario& scenario, std::ostream* out);

struct Scenario {
  std::string name;
  SinkConfig::Sync sync = SinkConfig::Sync::batch;
  bool moves_files = false;
  bool begins_anew = false;
  std::uint64_t rotates_at = 0;  ///< bytes
  bool others_files = false;     ///< are where the files go, with greater numbers
  bool changes_paths = false;
  bool adds_sink = false;
};

void PrintTo(const Scenario& scenario, std::ostream* out) {
  *out << scenario.name;
}

StreamConfig config_of(const Scenario& scenario) {
  StreamConfig config;
  config.name = "main";
  config.oauth.client_id = "client";
  config.endpoints.stream_url = "wss://server/stream";
  config.event_types = {"a", "b"};
  config.start_at = 0;
  const auto add = [&](const std::string& type, const std::string& path, bool required = true) {
    SinkConfig sink;
    sink.type = type;
    sink.name = path.substr(5);
    sink.path = required && scenario.changes_paths ? path + ".1" : path;
    sink.required = required;
    sink.sync = scenario.sync;
    sink.sync_interval = 1ms;
    sink.retry = {1ms, 1ms, Jitter::none};
    sink.rotate.max_bytes = scenario.rotates_at;
    config.sinks.push_back(sink);
  };
  add("file", kOne);
  add("file", kFiltered);
  config.sinks.back().event_types = {"b"};
  add("audit", kAudit);
  add("file", kSpare, false);
  return config;
}

/// A whole life, with one fault at a chosen call.
class Life {
 public:
  explicit Life(const Scenario& scenario) : scenario_(scenario), config_(config_of(scenario)) {
    stream_ = std::make_unique<MiniStream>(disk_, config_);
  }

  /// `fault` is what the call `at` answers with; `times` of them in a row. True while the script is
  /// longer than that.
  bool run(int at, int fault, int times, bool power, int again = -1) {
    int calls = 0;
    disk_.plan = [&](std::string_view, const std::string&) {
      const int call = calls++;
      return call >= at && call < at + times ? fault : 0;
    };
    play();
    const bool reached = calls > at;
    if (disk_.crashed() || stream_->fault() != "") {
      std::mt19937 random(static_cast<unsigned>(at));
      if (again >= 0)
        live_and_die_again(again, power, random);
      restart(power, random);
      EXPECT_TRUE(stream_->open()) << stream_->fault();
      script_to_the_end();
    }
    finish();
    return reached;
  }
  void restart(bool power, std::mt19937& random) {
    stream_.reset();
    disk_.restart(power, random);
    disk_.plan = [](std::string_view, const std::string&) { return 0; };
    stream_ = std::make_unique<MiniStream>(disk_, config_);
  }
  void live_and_die_again(int at, bool power, std::mt19937& random) {
    restart(power, random);
    int calls = 0;
    disk_.plan = [&](std::string_view, const std::string&) {
      return calls++ == at ? FakeDisk::kCrash : 0;
    };
    if (stream_->open())
      script_to_the_end();
  }

  void expect_truth() {
    std::vector<std::string> filtered;
    for (const std::string& line : server_.sent())
      if (line.find("\"b\"") != std::string::npos)
        filtered.push_back(line);
    EXPECT_EQ(difference(lines_of(kOne), server_.sent()), "");
    EXPECT_EQ(difference(lines_of(kFiltered), filtered), "");
    expect_audit();
    if (const auto late = lines_of(kLate); !late.empty()) {
      EXPECT_EQ(
          difference(late, {server_.sent().begin() + index_of(late[0]), server_.sent().end()}), "");
    }
    const auto spare = lines_of(kSpare);
    for (std::size_t i = 1; i < spare.size(); ++i)
      EXPECT_LT(index_of(spare[i - 1]), index_of(spare[i]));
  }
  std::string story() const {
    std::string text;
    for (const std::string& one : stream_->news())
      text += one + '\n';
    return text;
  }

 private:
  void play() {
    if (!stream_->open())
      return;
    steps(0, kSteps);
  }
  static constexpr int kSteps = 12;

  void steps(int from, int to) {
    for (step_ = from; step_ < to && !disk_.crashed(); ++step_) {
      server_.say(2);
      if (scenario_.begins_anew && step_ == 7 && all_is_kept())
        server_.forget(), server_.say(3);
      stream_->take(server_, 3);
      stream_->flush();
      if (step_ % 2 == 1)
        stream_->turn();
      if (step_ == 4 && !disk_.crashed())
        change_files();
      if (step_ % 3 == 2)
        stream_->tick(), stream_->turn();
      if (step_ == 5)
        stream_->disconnect();
    }
  }
  /// What a server forgets cannot be had again: it does so when the client has it for good.
  bool all_is_kept() {
    const auto kept = [this] {
      stream_->take(server_, 100);
      stream_->flush();
      stream_->tick();
      return stream_->caught_up(server_) && stream_->settled_so_far();
    };
    stream_->run_until([&] { return disk_.crashed() || kept(); });
    return !disk_.crashed();
  }
  void script_to_the_end() { steps(step_, kSteps); }
  void change_files() {
    if (scenario_.moves_files)
      move_files();
    if (scenario_.changes_paths)
      change_paths();
    if (scenario_.adds_sink) {
      config_.sinks.push_back(config_.sinks.front());
      config_.sinks.back().name = "late";
      config_.sinks.back().path = kLate;
      stream_->reconfigure();
    }
  }
  void change_paths() {
    for (SinkConfig& sink : config_.sinks) {
      if (!sink.required)
        continue;
      sink.path = "/log/" + sink.name;
      if (scenario_.others_files)
        put_others_file(sink.path);
    }
    stream_->reconfigure();
  }
  void move_files() {
    for (const char* path : {kOne, kFiltered, kAudit}) {
      if (!disk_.has(path))
        continue;
      disk_.put_back(std::string(path) + ".1", disk_.take_away(path));
      if (scenario_.others_files)
        put_others_file(path);
    }
    stream_->reopen();
  }
  void put_others_file(const std::string& path) {
    FakeFile& file = disk_[path];
    file.content = std::string(path == kAudit ? kOthersRecord : kOthersEvent) + '\n';
    file.synced = file.content;
    file.size = file.durable = file.content.size();
  }
  void finish() {
    disk_.plan = [](std::string_view, const std::string&) { return 0; };
    EXPECT_TRUE(stream_->run_until([this] {
      stream_->take(server_, 100);
      stream_->flush();
      stream_->tick();
      return stream_->caught_up(server_);
    })) << "it did not come back";
    stream_->close();
    EXPECT_TRUE(stream_->run_until([this] { return stream_->settled(); }));
  }

  std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    std::vector<std::string> names{path + ".1"};
    for (const auto& [name, file] : disk_.names())
      if (name.starts_with(path + ".2"))
        names.push_back(name);
    names.push_back(path);
    for (const std::string& name : names) {
      const std::string text = disk_.has(name) ? disk_[name].content : "";
      std::size_t at = 0;
      for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', at)) {
        if (const std::string line = text.substr(at, end - at);
            line != kOthersEvent && line != kOthersRecord)
          lines.push_back(line);
        at = end + 1;
      }
      EXPECT_EQ(at, text.size()) << name << " has a torn line";
    }
    return lines;
  }
  static std::string difference(const std::vector<std::string>& found,
                                const std::vector<std::string>& wanted) {
    const auto [one, two] = std::mismatch(found.begin(), found.end(), wanted.begin(), wanted.end());
    if (one == found.end() && two == wanted.end())
      return {};
    return fmt::format("line {}: {} in place of {}", one - found.begin() + 1,
                       one == found.end() ? "nothing" : *one,
                       two == wanted.end() ? "nothing" : *two);
  }
  std::ptrdiff_t index_of(const std::string& line) const {
    return std::find(server_.sent().begin(), server_.sent().end(), line) - server_.sent().begin();
  }
  void expect_audit() {
    std::vector<SequenceNumber> wanted;
    for (const std::string& line : server_.sent())
      wanted.push_back(json::parse(line).at("sequenceNumber"));
    std::vector<SequenceNumber> found;
    AuditChain chain;
    for (const std::string& line : lines_of(kAudit)) {
      std::string again = line.substr(0, line.rfind(",\"n\":"));
      chain.seal_line(again, 0);
      ASSERT_EQ(again, line + '\n') << "the chain is broken";
      const json record = json::parse(line);
      if (record.at("type") == "event_received")
        found.push_back(record.at("sequenceNumber"));
      EXPECT_TRUE(record.at("type") != "events_lost" || record.contains("sink")) << line;
    }
    EXPECT_EQ(found, wanted);
  }

  Scenario scenario_;
  StreamConfig config_;
  FakeDisk disk_;
  FakeServer server_;
  int step_ = 0;
  std::unique_ptr<MiniStream> stream_;
};

class CrashTest : public testing::TestWithParam<Scenario> {
 protected:
  /// Every call of the script in turn meets the fault.
  void each_call(int fault, int times = 1, bool power = false) {
    bool reached = true;
    for (int at = 0; reached && !HasFailure(); ++at) {
      Life life(GetParam());
      reached = life.run(at, fault, times, power);
      life.expect_truth();
      if (HasFailure())
        ADD_FAILURE() << "call " << at << "\n" << life.story();
      calls_ = at;
    }
    EXPECT_GT(calls_, 50);
  }

  /// A second crash soon after the first one, at many places.
  void each_call_and_again(bool power) {
    constexpr int kSoon = 41;
    for (int at = 3; at < 120 && !HasFailure(); at += 3)
      for (int more = 0; more < 2; ++more) {
        Life life(GetParam());
        life.run(at, FakeDisk::kCrash, 1, power, (at * 7 + more * 13) % kSoon);
        life.expect_truth();
        if (HasFailure())
          ADD_FAILURE() << "call " << at << "," << more << "\n" << life.story();
      }
  }

  int calls_ = 0;
};

TEST_P(CrashTest, KilledTwiceNothingIsMissingNorDoubled) {
  each_call_and_again(false);
}

TEST_P(CrashTest, KilledAtAnyCallNothingIsMissingNorDoubled) {
  each_call(FakeDisk::kCrash);
}

class PowerLossTest : public CrashTest {};

TEST_P(PowerLossTest, TwiceInARowLosesNothing) {
  each_call_and_again(true);
}

TEST_P(PowerLossTest, AtAnyCallLosesNothing) {
  each_call(FakeDisk::kCrash, 1, true);
}

TEST_P(CrashTest, AnErrorOfAnyCallIsSurvived) {
  each_call(EIO);
}

TEST_P(CrashTest, AFullDiskFromAnyCallOnIsSurvived) {
  each_call(ENOSPC, 7);
}

const Scenario kBatch{"batch", SinkConfig::Sync::batch, false, false};
const Scenario kInterval{"interval", SinkConfig::Sync::interval, false, false};
const Scenario kNever{"never", SinkConfig::Sync::never, false, false};
const Scenario kMovedFiles{"moved_files", SinkConfig::Sync::batch, true, false};
const Scenario kNewEpoch{"new_epoch", SinkConfig::Sync::batch, false, true};
const Scenario kAllOfIt{"all_of_it", SinkConfig::Sync::interval, true, true};

const Scenario kRotation{"rotation", SinkConfig::Sync::batch, false, false, 300};
const Scenario kRotationInANewEpoch{"rotation_in_a_new_epoch", SinkConfig::Sync::interval, false,
                                    true, 200};
const Scenario kOthersFiles{"others_files", SinkConfig::Sync::batch, true, false, 0, true};
const Scenario kOtherPaths{"other_paths", SinkConfig::Sync::interval, false, true, 0, true, true,
                           true};

INSTANTIATE_TEST_SUITE_P(Scenarios, CrashTest,
                         testing::Values(kBatch, kInterval, kNever, kMovedFiles, kNewEpoch,
                                         kAllOfIt, kRotation, kRotationInANewEpoch, kOthersFiles,
                                         kOtherPaths),
                         [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(Scenarios, PowerLossTest,
                         testing::Values(kBatch, kInterval, kMovedFiles, kNewEpoch, kAllOfIt,
                                         kRotation, kRotationInANewEpoch, kOthersFiles,
                                         kOtherPaths),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace gcstreamd
