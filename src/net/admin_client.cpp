#include "gcstreamd/net/admin_client.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "admin_endpoint.hpp"

namespace gcstreamd {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::size_t kMaxBody = 16 * 1024 * 1024;

/// One exchange, step by step.
class Exchange {
 public:
  Exchange(asio::io_context& loop, const std::string& target) : socket_(loop) {
    request_.method(http::verb::get);
    request_.target(target);
    request_.version(11);
    request_.set(http::field::host, "localhost");
    request_.keep_alive(false);
    parser_.body_limit(kMaxBody);
  }

  void start(const ListenAddress& address) {
    socket_.async_connect(endpoint_of(address), [this](const error_code& error) {
      if (!failed(error))
        send();
    });
  }

  const error_code& error() const { return error_; }
  AdminAnswer take() {
    return {static_cast<int>(parser_.get().result_int()), std::move(parser_.get().body())};
  }

 private:
  bool failed(const error_code& error) {
    error_ = error;
    return error.failed();
  }

  void send() {
    http::async_write(socket_, request_, [this](const error_code& error, std::size_t) {
      if (!failed(error))
        receive();
    });
    error_ = asio::error::timed_out;
  }

  void receive() {
    http::async_read(socket_, buffer_, parser_,
                     [this](const error_code& error, std::size_t) { failed(error); });
    error_ = asio::error::timed_out;
  }

  asio::generic::stream_protocol::socket socket_;
  http::request<http::empty_body> request_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
  error_code error_ = asio::error::timed_out;  ///< until the last step is done
};

ListenAddress reachable(ListenAddress address) {
  if (!address.path.empty())
    return address;
  const auto host = asio::ip::make_address(address.host);
  if (host.is_unspecified())
    address.host = host.is_v4() ? "127.0.0.1" : "::1";
  return address;
}

}  // namespace

boost::system::result<AdminAnswer> ask_admin(const ListenAddress& address,
                                             const std::string& target,
                                             std::chrono::milliseconds limit) {
  asio::io_context loop;
  Exchange exchange(loop, target);
  exchange.start(reachable(address));
  loop.run_for(limit);
  if (exchange.error())
    return exchange.error();
  return exchange.take();
}

}  // namespace gcstreamd
