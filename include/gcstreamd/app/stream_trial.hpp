#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "gcstreamd/app/channel_trial.hpp"
#include "gcstreamd/core/online_report.hpp"
#include "gcstreamd/core/secret.hpp"
#include "gcstreamd/net/http_client.hpp"
#include "gcstreamd/net/websocket_client.hpp"

namespace gcstreamd {

/// One try of a stream's way, from its token to an open WebSocket that is closed at once; with the
/// protocol `notifications` by way of a channel with the stream's topics. Used on the loop's
/// thread; `config` outlives it.
class StreamTrial : private LinkObserver {
 public:
  StreamTrial(boost::asio::any_io_executor loop, const StreamConfig& config);

  /// Calls `on_end` once, when nothing is left to try.
  void start(std::function<void()> on_end);

  const StreamConfig& config() const { return config_; }
  bool over() const { return over_; }
  std::vector<OnlineStep> steps() const;
  /// What ended it early; scrubbed.
  const std::optional<Fault>& fault() const { return fault_; }
  /// What is to be said of its topics, a line each.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  void on_open() override;
  void on_arrival() override {}
  void on_message(std::string_view) override {}
  void on_control() override {}
  void on_refused(const Fault& fault) override;
  void on_closed(const LinkEnd& end) override;

  ConnectionOptions options(TlsContext context, OnlineLeg& leg) const;
  void on_answer(Outcome<HttpResponse> answer);
  void open_stream(WebSocketTarget target);
  void try_topics(const Secret& token);
  void on_topics(Outcome<ChannelTrial::Found> found);
  void fail(OnlineLeg& leg, Fault fault, std::string_view advice = {});
  void finish();

  boost::asio::any_io_executor loop_;
  const StreamConfig& config_;
  std::function<void()> on_end_;
  OnlineLeg token_leg_;
  std::optional<OnlineLeg> topics_leg_;  ///< of the protocol `notifications` alone
  std::optional<OnlineLeg> stream_leg_;  ///< there, once the channel says where it is
  Scrubber scrubber_;
  TlsContexts tls_;
  HttpClient http_;
  boost::asio::steady_timer wait_;
  std::unique_ptr<ChannelTrial> topics_;
  std::unique_ptr<WebSocketClient> link_;
  std::optional<Fault> fault_;
  std::vector<std::string> notes_;
  bool over_ = false;
};

}  // namespace gcstreamd
