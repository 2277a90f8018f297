#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "gcstreamd/core/request_budget.hpp"
#include "gcstreamd/net/http_client.hpp"
#include "gcstreamd/net/tls_context.hpp"

namespace gcstreamd {

/// What a stream's REST calls are made with; outlives them.
struct ApiTools {
  boost::asio::any_io_executor loop;
  const StreamConfig& config;
  TlsContexts& tls;
  RequestBudget& budget;
};

/// REST calls, one at a time, each when the budget has room for it. Used on the loop's thread.
class ApiCall {
 public:
  /// `requester`: by which the budget knows it, and no other.
  ApiCall(const ApiTools& tools, std::string requester, RequestBudget::Urgency urgency);
  ~ApiCall() { cancel(); }
  ApiCall(const ApiCall&) = delete;
  ApiCall& operator=(const ApiCall&) = delete;

  /// Called when the request is sent, which may be much later.
  using Make = std::function<HttpRequest()>;
  using Done = std::function<void(Outcome<HttpResponse>)>;
  /// Calls `done` once, never from inside this call, unless cancelled. What the server answered is
  /// not judged; faults before that are at the stage where they happened, or Stage::subscribe.
  void start(Make make, Done done);
  /// Nothing more is called.
  void cancel();

  /// A page of conversations is larger than a token.
  static constexpr std::size_t kMaxBody = 64 << 20;

 private:
  void send_when_allowed();
  void send();
  void on_answer(Outcome<HttpResponse> answer);
  void fail_soon(Fault fault);

  const ApiTools& tools_;
  std::string requester_;
  RequestBudget::Urgency urgency_;
  HttpClient http_;
  boost::asio::steady_timer timer_;
  Make make_;
  Done done_;
};

}  // namespace gcstreamd
