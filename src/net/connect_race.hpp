#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "gcstreamd/core/address_race.hpp"

namespace gcstreamd {

/// Connects to whichever of a host's addresses answers first, as AddressRace says. Kept alive by
/// what is under way; used on the executor's thread.
class ConnectRace : public std::enable_shared_from_this<ConnectRace> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
  using Done = std::function<void(boost::system::error_code, std::shared_ptr<Socket>)>;

  ConnectRace(Socket::executor_type executor, Endpoints endpoints);

  /// Calls `done` once, never from inside this call, with operation_aborted after a cancel.
  void start(Done done);
  void cancel();

 private:
  void perform(const AddressRace::Move& move);
  void connect(std::size_t index);
  void on_connected(const boost::system::error_code& error, const std::shared_ptr<Socket>& socket);
  void finish(boost::system::error_code error, std::shared_ptr<Socket> winner);

  Socket::executor_type executor_;
  Endpoints endpoints_;
  AddressRace race_;
  boost::asio::steady_timer delay_;
  std::vector<std::shared_ptr<Socket>> attempts_;
  Done done_;
};

}  // namespace gcstreamd
