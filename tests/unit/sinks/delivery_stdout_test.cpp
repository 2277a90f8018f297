#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "sinks/delivery_fixture.hpp"

namespace gcstreamd {
namespace {

/// Standard output is a pipe of the test's own while the sink is opened; the sink keeps its own
/// descriptor of it.
class DeliveryStdoutTest : public DeliveryTest {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    ASSERT_EQ(::pipe2(pipe_.data(), O_CLOEXEC | O_NONBLOCK), 0);
    add("file", "one");
    add("stdout", "out", false).path.clear();
    const int kept = ::dup(STDOUT_FILENO);
    ::dup2(pipe_[1], STDOUT_FILENO);
    const std::string fault = make();
    ::dup2(kept, STDOUT_FILENO);
    ::close(kept);
    ASSERT_EQ(fault, "");
  }
  void TearDown() override {
    delivery_.reset();
    leave();
    ::close(pipe_[1]);
  }
  std::string read() const {
    std::string text(65536, '\0');
    const auto got = ::read(pipe_[0], text.data(), text.size());
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
  }
  void leave() {
    if (pipe_[0] >= 0)
      ::close(std::exchange(pipe_[0], -1));
  }
  /// More than a pipe takes.
  void fill(SequenceNumber number) {
    const std::string line(1024 * 1024, 'x');
    delivery_->deliver({line, "a", number, {}}, now_at(0s));
    delivery_->flush();
  }

  std::array<int, 2> pipe_{-1, -1};
};

TEST_F(DeliveryStdoutTest, WhatComesAfterTheReaderLeftIsCountedAndToldAtTheEnd) {
  deliver(11);
  delivery_->flush();
  EXPECT_EQ(read(), "11\n");
  leave();
  deliver(12);
  delivery_->flush();
  EXPECT_TRUE(told("EPIPE"));
  deliver(13);
  delivery_->flush();
  deliver(14);
  EXPECT_FALSE(told("events_lost"));
  delivery_->close();
  EXPECT_TRUE(
      told(R"(events_lost,"from":12,"to":14,"count":3,"cause":"reader_left","sink":"out")"));
  EXPECT_EQ(count("events_lost"), 1U);
  EXPECT_TRUE(bench_.run_until([this] { return delivery_->settled(); }));
  EXPECT_EQ(position(), 14U);
}

TEST_F(DeliveryStdoutTest, AFilterHoldsForWhatIsCountedToo) {
  config_.sinks[1].event_types = {"b"};
  delivery_->reconfigure(config_);
  leave();
  deliver(11, "b");
  delivery_->flush();
  deliver(12, "a");
  deliver(13, "b");
  delivery_->close();
  EXPECT_TRUE(told(R"(events_lost,"from":11,"to":13,"count":2,"cause":"reader_left")"));
}

TEST_F(DeliveryStdoutTest, ANewEpochBeginsTheCountAnew) {
  leave();
  deliver(11);
  delivery_->flush();
  deliver(12);
  delivery_->begin_epoch();
  EXPECT_TRUE(told(R"(events_lost,"from":12,"to":12,"count":1,"cause":"reader_left")"));
  deliver(3);
  delivery_->close();
  EXPECT_EQ(count("events_lost"), 2U);
}

TEST_F(DeliveryStdoutTest, ARemovedSinkTellsWhatItsReaderDidNotGet) {
  leave();
  deliver(11);
  delivery_->flush();
  deliver(12);
  config_.sinks.pop_back();
  delivery_->reconfigure(config_);
  EXPECT_TRUE(told(R"(events_lost,"from":11,"to":12,"count":2,"cause":"reader_left")"));
  delivery_->close();
  EXPECT_EQ(count("events_lost"), 1U);
}

TEST_F(DeliveryStdoutTest, ARemovedSinkTellsWhatWaitsForItsReader) {
  fill(11);
  deliver(12);
  config_.sinks.pop_back();
  delivery_->reconfigure(config_);
  EXPECT_TRUE(told(R"(events_lost,"from":11,"to":12,"count":2,"cause":"sink_removed")"));
  EXPECT_TRUE(settle());
}

TEST_F(DeliveryStdoutTest, WhatAStalledReaderMadeItDropIsToldBesideWhatIsCountedElsewhere) {
  for (SequenceNumber number = 11; number < 18; ++number)
    fill(number);
  delivery_->on_tick();
  EXPECT_TRUE(told(R"("cause":"reader_stalled","sink":"out")"));
  EXPECT_TRUE(told(R"("to":17,)"));
  leave();
  turn();
  deliver(18);
  delivery_->on_tick();
  EXPECT_EQ(count("reader_stalled"), 1U);
  delivery_->close();
  EXPECT_EQ(count("reader_left"), 1U);
}

TEST_F(DeliveryStdoutTest, RemovedWhileItWaitsForItsReaderItIsNotCalledBack) {
  fill(11);
  config_.sinks.pop_back();
  while (!read().empty()) {
  }
  delivery_->reconfigure(config_);  // the reader's news is due
  news_.clear();
  bench_.loop.restart();
  bench_.loop.run_for(5ms);
  EXPECT_TRUE(news_.empty());
}

}  // namespace
}  // namespace gcstreamd
