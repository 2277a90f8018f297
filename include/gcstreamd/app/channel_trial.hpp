#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <optional>
#include <vector>

#include "gcstreamd/core/channel_api.hpp"
#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/topic_plan.hpp"
#include "gcstreamd/net/http_client.hpp"

namespace gcstreamd {

/// One try of what a stream of the protocol `notifications` asks the REST API for: the directories
/// that its rules need, and what the service says of its topics. That takes a channel, which ends
/// by itself within a day; none is made where all of the client's channels are there already, since
/// one more would end another. Used on the loop's thread; `config` outlives it.
class ChannelTrial {
 public:
  struct Found {
    std::size_t topics = 0;  ///< that the rules lead to; 0: nothing else was tried
    std::size_t left_out = 0;
    bool no_room = false;       ///< all channels are there: no topic was judged
    std::size_t permitted = 0;  ///< a combined one counts as one
    std::vector<TopicVerdict> rejected;
    std::optional<ChannelGrant> channel;
  };
  using Options = std::function<ConnectionOptions()>;
  using Done = std::function<void(Outcome<Found>)>;

  ChannelTrial(boost::asio::any_io_executor loop, const StreamConfig& config, Options options);

  /// Calls `done` once, never from inside this call.
  void start(const Secret& token, Done done);

 private:
  using Take = std::function<std::optional<Fault>(const HttpResponse&)>;

  /// Sends it; `take` has the answer and goes on, or says why not.
  void call(HttpRequest request, Take take);
  void list(DirectoryKind kind, unsigned page);
  std::optional<Fault> on_page(const HttpResponse& answer, DirectoryKind kind, unsigned page);
  void plan();
  std::optional<Fault> on_channels(const HttpResponse& answer);
  std::optional<Fault> on_created(const HttpResponse& answer);
  void judge_group();
  std::optional<Fault> on_judged(const HttpResponse& answer);
  void end(Outcome<Found> outcome);

  const StreamConfig& config_;
  Options options_;
  HttpClient http_;
  Secret token_;
  Done done_;
  std::vector<DirectoryPage::Entry> queues_;
  std::vector<DirectoryPage::Entry> users_;
  TopicGroups groups_;
  std::size_t group_ = 0;  ///< that is judged
  Found found_;
};

}  // namespace gcstreamd
