#include "simulator/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "simulator/http_peer.hpp"
#include "simulator/tcp_peer.hpp"

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

// With the Notifications protocol the truth is the switchboard's.
FeedOptions feed_of(const Options& options) {
  FeedOptions feed = options.feed;
  if (options.protocol == Protocol::notifications) {
    feed.truth.clear();
  }
  return feed;
}

std::unique_ptr<NotificationService> notifications_of(const Options& options, std::uint16_t port) {
  if (options.protocol != Protocol::notifications) {
    return nullptr;
  }
  return std::make_unique<NotificationService>(
      options.notifications,
      Switchboard::Story{options.feed.seed, options.feed.count, options.feed.truth},
      fmt::format("wss://localhost:{}", port));
}

}  // namespace

Server::Server(asio::io_context& context, const Options& options)
    : options_(options),
      api_(options.credentials),
      feed_(feed_of(options)),
      tls_(options.identity, options.authority),
      acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), options.port)),
      notified_(notifications_of(options, port())),
      wake_timer_(context),
      stop_timer_(context),
      script_(context, options.script, options.faults, *this) {
  if (options_.rate > 0) {
    pacer_.emplace(options_.rate, Pacer::Time::clock::now());
  }
  accept();
  wake_at(Pacer::Time::clock::now());
  asio::post(context, [this] { script_.run(); });
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
  if (down_) {
    return accept();
  }
  if (ec) {
    log("accept failed: " + ec.message());
  } else {
    start_connection(std::move(socket));
  }
  accept();
}

void Server::start_connection(tcp::socket socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const Step* step = step_for(Place::connection);
  if (step != nullptr && plays_on_tcp(step->word)) {
    start_tcp_peer(std::move(socket), step->word, *this);
  } else {
    start_http_peer(std::move(socket), tls_.context_for(step == nullptr ? "" : step->word), *this);
  }
}

void Server::finish() {
  if (notified_) {
    return notified_->board.finish();
  }
  feed_.finish(std::chrono::system_clock::now());
  feed_.flush();
  announce_events();
}

void Server::stop() {
  if (std::exchange(stopped_, true)) {
    return;
  }
  error_code ignored;
  acceptor_.close(ignored);
  wake_timer_.cancel();
  script_.stop();
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
  const auto added = subscriber.lock();
  add_to(subscribers_, std::move(subscriber));
  if (const Step* step = script_.standing_stream_fault()) {
    carry_out(*step, *added);
  }
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
  script_.run();
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
  if (finished()) {
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
  if (!script_.serving()) {
    return false;
  }
  const auto listeners = subscribers();
  if (options_.wait_for_client && listeners.empty()) {
    return false;
  }
  const std::uint64_t limit = pacer_ ? options_.most_behind : kBatch;
  return limit == 0 ||
         std::all_of(listeners.begin(), listeners.end(),
                     [limit](const auto& subscriber) { return subscriber->behind() < limit; });
}

bool Server::finished() const {
  return notified_ ? notified_->board.finished() : feed_.finished();
}

void Server::flush() {
  feed_.flush();
  if (notified_) {
    notified_->board.flush();
  }
}

void Server::create_due() {
  const std::uint64_t due = pacer_ ? pacer_->due(Pacer::Time::clock::now()) : kBatch;
  for (std::uint64_t i = 0; i < due && !finished(); ++i) {
    const auto now = std::chrono::system_clock::now();
    if (notified_) {
      notified_->board.happen(now);
    } else {
      feed_.create(now);
    }
  }
  flush();
  if (pacer_) {
    pacer_->created(due);
  }
  announce_events();
}

void Server::announce_events() {
  for (const auto& subscriber : subscribers()) {
    subscriber->on_events();
  }
}

std::vector<std::shared_ptr<Subscriber>> Server::subscribers() const {
  return alive(subscribers_);
}

}  // namespace gcstream_sim
