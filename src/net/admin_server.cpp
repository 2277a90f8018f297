#include "gcstreamd/net/admin_server.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "admin_endpoint.hpp"
#include "admin_session.hpp"

namespace gcstreamd {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Socket = AdminSession::Socket;

constexpr mode_t kSocketMode = 0660;
constexpr std::chrono::seconds kBeat{1};

/// Device and inode; what is not there has none.
using File = std::pair<dev_t, ino_t>;
File file_at(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? File{status.st_dev, status.st_ino} : File{};
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
  Acceptor(asio::any_io_executor executor, std::shared_ptr<const Source> source)
      : acceptor_(executor), retry_(executor), beat_(executor), source_(std::move(source)) {}

  error_code open(const ListenAddress& address) {
    const auto endpoint = endpoint_of(address);
    remove_dead_socket(acceptor_.get_executor(), address);
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error && address.path.empty())
      acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error && !address.path.empty())  // never open to more, not even for a moment
      ::fchmod(acceptor_.native_handle(), kSocketMode);
    if (!error)
      acceptor_.bind(endpoint, error);
    if (!error && !address.path.empty()) {
      path_ = address.path;
      file_ = file_at(path_);
    }
    if (!error && !path_.empty())  // whatever the umask took away
      ::chmod(path_.c_str(), kSocketMode);
    if (!error)
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error)
      address_ = address;
    return error;
  }

  void accept() {
    if (!context_)
      context_ = std::make_shared<const AdminSession::Context>(
          AdminSession::Context{source_, address_, [weak = weak_from_this()] {
                                  const auto self = weak.lock();
                                  return self && self->admit_reader();
                                }});
    acceptor_.async_accept([self = shared_from_this()](const error_code& error, Socket socket) {
      self->on_accepted(error, std::move(socket));
    });
  }

  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
    beat_.cancel();
    for (const auto& session : alive())
      if (session->reads_events() || session->idle_since())
        session->end();
    if (is_in_place() && !path_.empty())
      ::unlink(path_.c_str());
    path_.clear();
  }

  const ListenAddress& address() const { return address_; }
  bool has_port_of(const ListenAddress& other) const {
    return address_.path.empty() && other.path.empty() && port() == other.port;
  }
  /// False: the socket's file is gone, or another one's by now.
  bool is_in_place() const { return path_.empty() || file_at(path_) == file_; }

  std::string url() const {
    if (!address_.path.empty())
      return "unix:" + address_.path;
    const auto endpoint = local();
    if (!endpoint)
      return {};
    const std::string host = endpoint->address().is_v6()
                                 ? "[" + endpoint->address().to_string() + "]"
                                 : endpoint->address().to_string();
    return "http://" + host + ":" + std::to_string(endpoint->port()) + "/";
  }

 private:
  /// Of TCP: with the port that it has.
  std::optional<asio::ip::tcp::endpoint> local() const {
    error_code error;
    const auto local = acceptor_.local_endpoint(error);
    asio::ip::tcp::endpoint endpoint(asio::ip::make_address(address_.host), 0);
    if (error || local.size() > endpoint.capacity())
      return std::nullopt;
    std::copy_n(static_cast<const char*>(static_cast<const void*>(local.data())), local.size(),
                static_cast<char*>(static_cast<void*>(endpoint.data())));
    return endpoint;
  }
  unsigned port() const {
    const auto endpoint = local();
    return endpoint ? endpoint->port() : 0;
  }

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
    if (make_room()) {
      auto session = AdminSession::make(std::move(socket), context_);
      sessions_.push_back(session);
      session->start();
    }
    accept();
  }

  std::vector<std::shared_ptr<AdminSession>> alive() {
    std::vector<std::shared_ptr<AdminSession>> all;
    std::erase_if(sessions_, [](const auto& session) { return session.expired(); });
    for (const auto& session : sessions_)
      if (auto one = session.lock())
        all.push_back(std::move(one));
    return all;
  }

  /// Ended ones linger for a moment, until their handlers were called.
  bool make_room() {
    const auto all = alive();
    if (all.size() < kMaxClients)
      return true;
    std::shared_ptr<AdminSession> longest;
    for (const auto& session : all)
      if (session->idle_since() && (!longest || session->idle_since() < longest->idle_since()))
        longest = session;
    if (!longest)
      return false;
    std::erase_if(sessions_, [&](const auto& session) { return session.lock() == longest; });
    longest->end();
    return true;
  }

  bool admit_reader() {
    const auto all = alive();
    const auto readers = std::count_if(all.begin(), all.end(),
                                       [](const auto& session) { return session->reads_events(); });
    if (static_cast<std::size_t>(readers) >= kMaxReaders)
      return false;
    if (!std::exchange(beating_, true))
      arm_beat();
    return true;
  }

  void arm_beat() {
    beat_.expires_after(kBeat);
    beat_.async_wait([self = shared_from_this()](const error_code& aborted) {
      if (!aborted)
        self->beat();
    });
  }

  /// Only while somebody reads.
  void beat() {
    std::vector<std::shared_ptr<AdminSession>> readers = alive();
    std::erase_if(readers, [](const auto& session) { return !session->reads_events(); });
    beating_ = !readers.empty();
    if (!beating_)
      return;
    const auto news = std::make_shared<const std::string>("data: " + source_->news() + "\n\n");
    for (const auto& reader : readers)
      reader->tell(news);
    arm_beat();
  }

  asio::basic_socket_acceptor<asio::generic::stream_protocol> acceptor_;
  asio::steady_timer retry_;
  asio::steady_timer beat_;
  std::shared_ptr<const Source> source_;
  std::shared_ptr<const AdminSession::Context> context_;
  ListenAddress address_;
  std::string path_;
  File file_{};  ///< at `path_`
  std::vector<std::weak_ptr<AdminSession>> sessions_;
  bool beating_ = false;
};

AdminServer::AdminServer(asio::any_io_executor executor, Source source)
    : executor_(std::move(executor)), source_(std::make_shared<const Source>(std::move(source))) {}

AdminServer::~AdminServer() {
  close();
}

error_code AdminServer::listen(const ListenAddress& address) {
  auto acceptor = std::make_shared<Acceptor>(executor_, source_);
  auto error = acceptor->open(address);
  if (error == asio::error::address_in_use && acceptor_ && acceptor_->has_port_of(address))
    return take_turns(address);
  if (error)
    return error;
  use(std::move(acceptor));
  return {};
}

/// The address may be in use by ourselves, in other words: 0.0.0.0 for 127.0.0.1.
error_code AdminServer::take_turns(const ListenAddress& address) {
  const ListenAddress before = acceptor_->address();
  close();
  auto acceptor = std::make_shared<Acceptor>(executor_, source_);
  const auto error = acceptor->open(address);
  if (error) {
    acceptor = std::make_shared<Acceptor>(executor_, source_);
    if (acceptor->open(before))
      return error;
  }
  use(std::move(acceptor));
  return error;
}

void AdminServer::use(std::shared_ptr<Acceptor> acceptor) {
  close();
  acceptor_ = std::move(acceptor);
  acceptor_->accept();
}

bool AdminServer::is_in_place() const {
  return !acceptor_ || acceptor_->is_in_place();
}

void AdminServer::close() {
  if (acceptor_)
    acceptor_->close();
  acceptor_.reset();
}

std::string AdminServer::url() const {
  return acceptor_ ? acceptor_->url() : std::string();
}

}  // namespace gcstreamd
