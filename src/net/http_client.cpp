#include "gcstreamd/net/http_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>

#include "exchange_fault.hpp"
#include "gcstreamd/net/dialer.hpp"
#include "rethrow.hpp"
#include "transport.hpp"

namespace gcstreamd {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr unsigned kFinal = 200;  // statuses under it are interim (RFC 9110, 15.2)

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
  const auto copy = [&message](http::field name, std::string& to) {
    const auto value = message[name];
    to.assign(value.data(), value.size());
  };
  copy(http::field::retry_after, response.retry_after);
  copy(http::field::date, response.date);
  copy(http::field::location, response.location);
  response.body = std::move(message.body());
  return response;
}

asio::awaitable<Outcome<HttpResponse>> converse(const HttpRequest& request,
                                                const ConnectionOptions& options,
                                                std::size_t max_body,
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
    co_return exchange_fault(*guard, transport, reason_behind(transport, not_sent));
  }

  beast::flat_buffer buffer;
  std::optional<http::response_parser<http::string_body>> parser;
  do {  // interim answers are no answer; the stage's deadline bounds how many there may be
    parser.emplace();
    parser->body_limit(max_body);
    auto [not_read, read] = co_await http::async_read(transport, buffer, *parser, kAwait);
    if (not_read) {
      guard->end();
      co_return exchange_fault(*guard, transport, not_read);
    }
  } while (parser->get().result_int() < kFinal);
  guard->end();
  co_return from_beast(parser->get());
}

}  // namespace

struct HttpClient::Exchange {
  Exchange(HttpRequest what, ConnectionOptions how, std::size_t most,
           asio::any_io_executor executor)
      : request(std::move(what)),
        options(std::move(how)),
        max_body(most),
        guard(std::make_shared<StageGuard>(std::move(executor), options.stage_timeout,
                                           options.on_stage)) {}

  HttpRequest request;
  ConnectionOptions options;
  std::size_t max_body;
  std::shared_ptr<StageGuard> guard;
  Done done;

  static asio::awaitable<void> run(std::shared_ptr<Exchange> self) {
    Outcome<HttpResponse> outcome =
        co_await converse(self->request, self->options, self->max_body, self->guard);
    if (!self->done)
      co_return;
    const Done done = std::move(self->done);
    done(std::move(outcome));
  }
};

HttpClient::HttpClient(asio::any_io_executor executor, std::size_t max_body)
    : executor_(std::move(executor)), max_body_(max_body) {}

HttpClient::~HttpClient() {
  cancel();
}

void HttpClient::exchange(HttpRequest request, ConnectionOptions options, Done done) {
  cancel();
  current_ =
      std::make_shared<Exchange>(std::move(request), std::move(options), max_body_, executor_);
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
