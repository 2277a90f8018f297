#include "gcstreamd/app/event_loop.hpp"

#include <gmock/gmock.h>

#include <boost/asio/post.hpp>
#include <chrono>

namespace gcstreamd {
namespace {

using boost::asio::post;
using testing::ElementsAre;

class EventLoopTest : public testing::Test {
 protected:
  void run() {
    run_event_loop(loop_, [this] { seen_.emplace_back("flush"); });
  }
  void then(const std::string& name) {
    post(loop_, [this, name] { seen_.push_back(name); });
  }

  boost::asio::io_context loop_;
  std::vector<std::string> seen_;
};

TEST_F(EventLoopTest, FlushesOnceNothingMoreIsReady) {
  then("a");
  then("b");
  then("c");
  run();
  EXPECT_THAT(seen_, ElementsAre("a", "b", "c", "flush"));
}

TEST_F(EventLoopTest, WhatAHandlerMakesReadyIsDoneBeforeTheFlush) {
  post(loop_, [this] { then("second"); });
  run();
  EXPECT_THAT(seen_, ElementsAre("second", "flush"));
}

TEST_F(EventLoopTest, WhatTheFlushMakesReadyIsRunAndFlushed) {
  bool first = true;
  then("a");
  run_event_loop(loop_, [&] {
    seen_.emplace_back("flush");
    if (std::exchange(first, false))
      then("b");
  });
  EXPECT_EQ(seen_.front(), "a");
  EXPECT_EQ(seen_.back(), "flush");
}

TEST_F(EventLoopTest, WhileSomethingIsAlwaysReadyItFlushesAllTheSame) {
  int left = 5;
  std::function<void()> again = [&] {
    const auto busy = std::chrono::steady_clock::now() + std::chrono::milliseconds(4);
    while (std::chrono::steady_clock::now() < busy) {
    }
    if (--left > 0)
      post(loop_, again);
  };
  post(loop_, again);
  run();
  EXPECT_GE(std::count(seen_.begin(), seen_.end(), "flush"), 5);
}

TEST_F(EventLoopTest, EndsWhenTheContextIsStopped) {
  auto work = boost::asio::make_work_guard(loop_);
  post(loop_, [this] { loop_.stop(); });
  then("never");
  run();
  EXPECT_EQ(std::count(seen_.begin(), seen_.end(), "never"), 0);
}

}  // namespace
}  // namespace gcstreamd
