#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>
#include <string>

#include "gcstreamd/core/types.hpp"
#include "gcstreamd/net/admin_server.hpp"

namespace gcstreamd {

/// One client of the AdminServer, from its first byte to its last; kept alive by what is under way.
class AdminSession : public std::enable_shared_from_this<AdminSession> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  struct Context {
    std::shared_ptr<const AdminServer::Source> source;
    ListenAddress address;
    /// Asked by one that wants to read events: whether it may.
    std::function<bool()> may_read_events;
  };

  static std::shared_ptr<AdminSession> make(Socket socket, std::shared_ptr<const Context> context);
  virtual ~AdminSession() = default;

  virtual void start() = 0;
  /// For a reader of events, without waiting for it: one that takes nothing for long is dropped.
  virtual void tell(std::shared_ptr<const std::string> news) = 0;
  virtual void end() = 0;

  virtual bool reads_events() const = 0;
  /// Since when it has not asked for anything; empty while it is being answered.
  virtual std::optional<SteadyTime> idle_since() const = 0;
};

}  // namespace gcstreamd
