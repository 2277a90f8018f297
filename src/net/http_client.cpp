#include "gcstreamd/net/http_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "gcstreamd/net/dialer.hpp"
#include "rethrow.hpp"
#include "transport.hpp"

namespace gcstreamd {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

http::request<http::string_body> to_beast(const HttpRequest& request) {
  http::request<http::string_body> message;
  message.method_string(request.method);
  message.target(request.url.target);
  message.set(http::field::host, request.url.host_header());
  message.set(http::field::user_agent, "gcstreamd");
  message.set(http::field::connection, "close");
  for (const auto& [name, value] : request.headers) {
    const std::string_view shown = value.reveal();
    message.set(name, beast::string_view(shown.data(), shown.size()));
  }
  message.body() = std::string(request.body.reveal());
  message.prepare_payload();
  return message;
}

HttpResponse from_beast(http::response<http::string_body>& message) {
  HttpResponse response;
  response.status = static_cast<int>(message.result_int());
  const auto retry_after = message[http::field::retry_after];
  response.retry_after.assign(retry_after.data(), retry_after.size());
  response.body = std::move(message.body());
  return response;
}

/// An HTTP error is of the exchange's own stage: DNS, TCP and TLS are behind it.
Fault exchange_fault(const StageGuard& guard, const boost::system::error_code& error) {
  Fault fault = guard.explain(error);
  if (error == http::error::end_of_stream || error == asio::error::eof ||
      error == asio::ssl::error::stream_truncated)
    fault = Fault(Stage::oauth, FaultKind::protocol, 0, "the server hung up before its answer");
  return fault;
}

asio::awaitable<Outcome<HttpResponse>> converse(const HttpRequest& request,
                                                const ConnectionOptions& options,
                                                std::shared_ptr<StageGuard> guard) {
  const auto dialed = co_await dial(request.url, options, guard);
  if (!dialed)
    co_return dialed.error();
  Transport& transport = **dialed;
  if (!guard->begin(Stage::oauth, [&transport] { transport.cut(); }))
    co_return guard->explain(asio::error::operation_aborted);

  auto message = to_beast(request);
  auto [not_sent, sent] = co_await http::async_write(transport, message, kAwait);
  wipe(message.body());
  if (not_sent) {
    guard->end();
    co_return exchange_fault(*guard, not_sent);
  }

  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(HttpClient::kMaxBody);
  auto [not_read, read] = co_await http::async_read(transport, buffer, parser, kAwait);
  guard->end();
  if (not_read)
    co_return exchange_fault(*guard, not_read);
  co_return from_beast(parser.get());
}

}  // namespace

struct HttpClient::Exchange {
  Exchange(HttpRequest what, ConnectionOptions how, asio::any_io_executor executor)
      : request(std::move(what)),
        options(std::move(how)),
        guard(std::make_shared<StageGuard>(std::move(executor), options.stage_timeout)) {}

  HttpRequest request;
  ConnectionOptions options;
  std::shared_ptr<StageGuard> guard;
  Done done;

  static asio::awaitable<void> run(std::shared_ptr<Exchange> self) {
    Outcome<HttpResponse> outcome = co_await converse(self->request, self->options, self->guard);
    if (!self->done)
      co_return;
    const Done done = std::move(self->done);
    done(std::move(outcome));
  }
};

HttpClient::HttpClient(asio::any_io_executor executor) : executor_(std::move(executor)) {}

HttpClient::~HttpClient() {
  cancel();
}

void HttpClient::exchange(HttpRequest request, ConnectionOptions options, Done done) {
  cancel();
  current_ = std::make_shared<Exchange>(std::move(request), std::move(options), executor_);
  current_->done = std::move(done);
  asio::co_spawn(executor_, Exchange::run(current_), rethrow);
}

void HttpClient::cancel() {
  if (!current_)
    return;
  current_->done = nullptr;
  current_->guard->cancel();
  current_.reset();
}

}  // namespace gcstreamd
