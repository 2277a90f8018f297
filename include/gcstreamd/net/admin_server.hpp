#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gcstreamd/core/listen_address.hpp"

namespace gcstreamd {

/// What the daemon answers over its own HTTP.
struct AdminResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

/// The daemon's own HTTP/1.1 address. One request a connection, GET and HEAD only; few connections
/// at a time, each within a few seconds. Used on the executor's thread.
class AdminServer {
 public:
  /// Called with the request's path, without its query.
  using Answer = std::function<AdminResponse(std::string_view path)>;

  AdminServer(boost::asio::any_io_executor executor, Answer answer);
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// Listens there and nowhere else from now on. On failure the address of before stays.
  boost::system::error_code listen(const ListenAddress& address);
  /// Listens no more; what is being answered still is.
  void close();

  static constexpr std::size_t kMaxClients = 16;

 private:
  class Acceptor;

  boost::asio::any_io_executor executor_;
  Answer answer_;
  std::shared_ptr<Acceptor> acceptor_;
};

}  // namespace gcstreamd
