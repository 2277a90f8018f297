#include "simulator/server.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <utility>

namespace gcstream_sim {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// As fast as possible means: a batch whenever every subscriber has nearly caught up.
constexpr std::uint64_t kBatch = 64;
constexpr std::chrono::milliseconds kShortestWait{1};

template <typename T>
std::vector<std::shared_ptr<T>> alive(const std::vector<std::weak_ptr<T>>& references) {
  std::vector<std::shared_ptr<T>> objects;
  for (const std::weak_ptr<T>& reference : references) {
    if (auto object = reference.lock()) {
      objects.push_back(std::move(object));
    }
  }
  return objects;
}

template <typename T>
void add_to(std::vector<std::weak_ptr<T>>& references, std::weak_ptr<T> added) {
  std::erase_if(references, [](const auto& reference) { return reference.expired(); });
  references.push_back(std::move(added));
}

}  // namespace

Server::Server(asio::io_context& context, const Options& options)
    : options_(options),
      api_(options.credentials),
      feed_(options.feed),
      tls_(asio::ssl::context::tls_server),
      acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), options.port)),
      wake_timer_(context),
      stop_timer_(context) {
  load_identity();
  if (options_.rate > 0) {
    pacer_.emplace(options_.rate, Pacer::Time::clock::now());
  }
  accept();
  wake_at(Pacer::Time::clock::now());
}

void Server::load_identity() {
  tls_.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                   asio::ssl::context::no_tlsv1_1);
  tls_.use_certificate_chain(asio::buffer(options_.identity.certificate));
  tls_.use_private_key(asio::buffer(options_.identity.key), asio::ssl::context::pem);
}

void Server::accept() {
  acceptor_.async_accept([this](error_code ec, tcp::socket socket) {
    if (ec != asio::error::operation_aborted) {
      on_accept(ec, std::move(socket));
    }
  });
}

void Server::on_accept(error_code ec, tcp::socket socket) {
  if (stopped_) {
    return;
  }
  if (ec) {
    log("accept failed: " + ec.message());
  } else {
    start_connection(std::move(socket), tls_, *this);
  }
  accept();
}

void Server::stop() {
  if (std::exchange(stopped_, true)) {
    return;
  }
  error_code ignored;
  acceptor_.close(ignored);
  wake_timer_.cancel();
  for (const auto& connection : alive(connections_)) {
    connection->close();
  }
  stop_timer_.expires_after(kStopTime);
  stop_timer_.async_wait([this](error_code ec) {
    if (!ec) {
      cut_all();
    }
  });
  finish_stop();
}

// Spares the io_context the rest of kStopTime.
void Server::finish_stop() {
  const auto connections = alive(connections_);
  if (std::all_of(connections.begin(), connections.end(),
                  [](const auto& connection) { return connection->ended(); })) {
    stop_timer_.cancel();
  }
}

void Server::cut_all() {
  for (const auto& connection : alive(connections_)) {
    connection->abort();
  }
}

void Server::add(std::weak_ptr<Connection> connection) {
  add_to(connections_, std::move(connection));
}

void Server::add(std::weak_ptr<Subscriber> subscriber) {
  add_to(subscribers_, std::move(subscriber));
  on_progress();
}

void Server::log(std::string_view line) const {
  if (options_.log) {
    options_.log(line);
  }
}

void Server::wake_at(Pacer::Time when) {
  wake_timer_.expires_at(when);
  wake_timer_.async_wait([this](error_code ec) {
    if (!ec && !stopped_) {
      on_wake();
    }
  });
}

void Server::on_progress() {
  if (stopped_) {
    return finish_stop();
  }
  if (!idle_ || !may_create()) {
    return;
  }
  idle_ = false;
  if (pacer_) {
    pacer_->restart(Pacer::Time::clock::now());
  }
  wake_at(Pacer::Time::clock::now());
}

void Server::on_wake() {
  if (feed_.finished()) {
    return;
  }
  idle_ = !may_create();
  if (idle_) {
    return;
  }
  create_due();
  const auto now = Pacer::Time::clock::now();
  wake_at(pacer_ ? std::max(pacer_->next(), now + kShortestWait) : now);
}

bool Server::may_create() {
  const auto listeners = subscribers();
  if (options_.wait_for_client && listeners.empty()) {
    return false;
  }
  return pacer_ || std::all_of(listeners.begin(), listeners.end(), [](const auto& subscriber) {
           return subscriber->behind() < kBatch;
         });
}

void Server::create_due() {
  const std::uint64_t due = pacer_ ? pacer_->due(Pacer::Time::clock::now()) : kBatch;
  for (std::uint64_t i = 0; i < due; ++i) {
    feed_.create(std::chrono::system_clock::now());
  }
  feed_.flush();
  if (pacer_) {
    pacer_->created(due);
  }
  for (const auto& subscriber : subscribers()) {
    subscriber->on_events();
  }
}

std::vector<std::shared_ptr<Subscriber>> Server::subscribers() const {
  return alive(subscribers_);
}

}  // namespace gcstream_sim
