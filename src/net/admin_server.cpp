#include "gcstreamd/net/admin_server.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <chrono>

namespace gcstreamd {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;

constexpr std::chrono::seconds kRequestLimit{5};
constexpr std::size_t kMaxRequest = 8192;

/// One client, from its request to the end of the answer; kept alive by what is under way.
class Client : public std::enable_shared_from_this<Client> {
 public:
  Client(Socket socket, AdminServer::Answer answer)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), answer_(std::move(answer)) {}

  void start() {
    timer_.expires_after(kRequestLimit);
    timer_.async_wait([self = shared_from_this()](const error_code& aborted) {
      if (!aborted)
        self->end();
    });
    parser_.header_limit(kMaxRequest);
    parser_.body_limit(kMaxRequest);
    http::async_read(socket_, buffer_, parser_,
                     [self = shared_from_this()](const error_code& error, std::size_t) {
                       self->on_request(error);
                     });
  }

 private:
  void on_request(const error_code& error) {
    if (error)
      end();
    else
      respond(parser_.get());
  }

  void respond(const http::request<http::string_body>& request) {
    const bool head = request.method() == http::verb::head;
    AdminResponse answer{405, "text/plain; charset=utf-8", "only GET and HEAD\n"};
    if (head || request.method() == http::verb::get) {
      const auto target = request.target();
      const std::string_view path(target.data(), target.size());
      answer = answer_(path.substr(0, path.find('?')));
    }
    response_.version(request.version());
    response_.result(static_cast<unsigned>(answer.status));
    response_.set(http::field::content_type, answer.content_type);
    response_.set(http::field::cache_control, "no-store");
    response_.set(http::field::connection, "close");
    response_.content_length(answer.body.size());
    if (!head)
      response_.body() = std::move(answer.body);
    http::async_write(socket_, response_,
                      [self = shared_from_this()](const error_code&, std::size_t) { self->end(); });
  }

  void end() {
    timer_.cancel();
    error_code ignored;
    socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  Socket socket_;
  asio::steady_timer timer_;
  AdminServer::Answer answer_;
  beast::flat_buffer buffer_{kMaxRequest * 2};
  http::request_parser<http::string_body> parser_;
  http::response<http::string_body> response_;
};

asio::generic::stream_protocol::endpoint endpoint_of(const ListenAddress& address) {
  if (!address.path.empty())
    return asio::local::stream_protocol::endpoint(address.path);
  return asio::ip::tcp::endpoint(asio::ip::make_address(address.host),
                                 static_cast<asio::ip::port_type>(address.port));
}

/// A socket file that nobody listens on any more is in the way of the next one who wants to. An
/// owner whose queue is full (EAGAIN) lives, and must not be waited for.
void remove_dead_socket(asio::any_io_executor executor, const ListenAddress& address) {
  struct stat status {};
  if (address.path.empty() || ::lstat(address.path.c_str(), &status) != 0 ||
      !S_ISSOCK(status.st_mode))
    return;
  asio::local::stream_protocol::socket probe(executor);
  error_code error;
  probe.open({}, error);
  if (!error)
    probe.native_non_blocking(true, error);
  const asio::local::stream_protocol::endpoint endpoint(address.path);
  if (!error &&
      ::connect(probe.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) !=
          0 &&
      errno == ECONNREFUSED)
    ::unlink(address.path.c_str());
}

}  // namespace

class AdminServer::Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(asio::any_io_executor executor, Answer answer)
      : acceptor_(executor), retry_(executor), answer_(std::move(answer)) {}

  error_code open(const ListenAddress& address) {
    const auto endpoint = endpoint_of(address);
    remove_dead_socket(acceptor_.get_executor(), address);
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error && address.path.empty())
      acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error)
      acceptor_.bind(endpoint, error);
    if (!error)
      path_ = address.path;
    if (!error)
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    return error;
  }

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](const error_code& error, Socket socket) {
      self->on_accepted(error, std::move(socket));
    });
  }

  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
    if (!path_.empty())
      ::unlink(path_.c_str());
    path_.clear();
  }

 private:
  void on_accepted(const error_code& error, Socket socket) {
    if (!acceptor_.is_open())
      return;
    if (error) {  // no descriptors left, perhaps: not a reason to spin
      retry_.expires_after(std::chrono::seconds{1});
      retry_.async_wait([self = shared_from_this()](const error_code& aborted) {
        if (!aborted)
          self->accept();
      });
      return;
    }
    std::erase_if(clients_, [](const auto& client) { return client.expired(); });
    if (clients_.size() < kMaxClients) {
      auto client = std::make_shared<Client>(std::move(socket), answer_);
      clients_.push_back(client);
      client->start();
    }
    accept();
  }

  asio::basic_socket_acceptor<asio::generic::stream_protocol> acceptor_;
  asio::steady_timer retry_;
  Answer answer_;
  std::string path_;
  std::vector<std::weak_ptr<Client>> clients_;
};

AdminServer::AdminServer(asio::any_io_executor executor, Answer answer)
    : executor_(std::move(executor)), answer_(std::move(answer)) {}

AdminServer::~AdminServer() {
  close();
}

error_code AdminServer::listen(const ListenAddress& address) {
  auto acceptor = std::make_shared<Acceptor>(executor_, answer_);
  if (const auto error = acceptor->open(address)) {
    return error;
  }
  close();
  acceptor_ = std::move(acceptor);
  acceptor_->accept();
  return {};
}

void AdminServer::close() {
  if (acceptor_)
    acceptor_->close();
  acceptor_.reset();
}

}  // namespace gcstreamd
