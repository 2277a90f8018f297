#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>
#include <string>

#include "gcstreamd/core/admin_routes.hpp"
#include "gcstreamd/core/listen_address.hpp"

namespace gcstreamd {

/// The daemon's own HTTP/1.1 address: GET and HEAD only, nothing can be changed by it. Bounded in
/// everything: clients, readers of events, requests of a connection, bytes of a request, and the
/// time for each. Where all places are taken, whoever has waited longest without asking anything
/// makes room, so that slow clients keep nobody out. Used on the executor's thread.
class AdminServer {
 public:
  struct Source {
    /// What a page says now; not asked for AdminPage::events.
    std::function<AdminResponse(AdminPage)> answer;
    /// What each reader of events is told every second: one line.
    std::function<std::string()> news;
  };

  AdminServer(boost::asio::any_io_executor executor, Source source);
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// Listens there and nowhere else from now on. On failure the address of before stays. A Unix
  /// socket is for its owner and group.
  boost::system::error_code listen(const ListenAddress& address);
  /// Listens no more; what is being answered still is.
  void close();
  /// False: the Unix socket's file was removed or replaced, and nobody can reach it.
  bool is_in_place() const;
  /// `http://127.0.0.1:9477/` with the port that it has, or `unix:/path`; "" where nowhere.
  std::string url() const;

  static constexpr std::size_t kMaxClients = 32;
  static constexpr std::size_t kMaxReaders = 8;  ///< of events, among the clients

 private:
  class Acceptor;

  boost::system::error_code take_turns(const ListenAddress& address);
  void use(std::shared_ptr<Acceptor> acceptor);

  boost::asio::any_io_executor executor_;
  std::shared_ptr<const Source> source_;
  std::shared_ptr<Acceptor> acceptor_;
};

}  // namespace gcstreamd
