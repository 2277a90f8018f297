#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <vector>

#include "gcstreamd/app/api_call.hpp"
#include "gcstreamd/app/token_desk.hpp"
#include "gcstreamd/core/backoff.hpp"
#include "gcstreamd/core/topic_plan.hpp"

namespace gcstreamd {

/// Lists an org's queues and users now and then, as far as a stream's topic rules need them. Used
/// on the loop's thread.
class TopicWatch : private TokenUser {
 public:
  using Entries = std::vector<DirectoryPage::Entry>;
  /// Called from the loop, never from inside a call.
  struct Events {
    std::function<void(const Entries& queues, const Entries& users)> on_listed;
    std::function<void(const Fault&)> on_fault;  ///< it is tried again
  };
  /// All of them outlive it.
  TopicWatch(const ApiTools& tools, TokenDesk& desk, Events events);
  ~TopicWatch() override { desk_.leave(*this); }

  /// Lists now, then again and again.
  void start();
  void stop();
  /// In a row that came to nothing.
  unsigned attempts() const { return backoff_.attempts(); }
  /// When it lists again.
  std::optional<SteadyTime> next() const { return timer_.expiry(); }

  /// More than that is not read: no org's topics would fit.
  static constexpr unsigned kMostPages = 1000;

 private:
  void on_token() override;
  void on_no_token(const Fault& fault) override;
  bool needs(DirectoryKind kind) const;
  void begin();
  void ask();
  void on_answer(Outcome<HttpResponse> answer);
  void go_on();
  void finish();
  void fail(const Fault& fault);
  void list_after(std::chrono::milliseconds delay);

  const ApiTools& tools_;
  TokenDesk& desk_;
  Events events_;
  ApiCall call_;
  Backoff backoff_;
  boost::asio::steady_timer timer_;
  DirectoryKind kind_ = DirectoryKind::queues;
  unsigned page_ = 1;
  Entries queues_;
  Entries users_;
};

/// What a stream wants to hear of, as configured.
TopicRules topic_rules(const StreamConfig& config);

}  // namespace gcstreamd
