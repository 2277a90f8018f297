#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

namespace gcstreamd {

/// Tells systemd how the daemon is, by datagrams to $NOTIFY_SOCKET (sd_notify(3)); without one it
/// does nothing. What the socket does not take at once is sent again later, so nothing here waits
/// and no fault of it is the daemon's. Used on the loop's thread.
class SystemdNotify {
 public:
  /// `status` puts the daemon in words; it is asked now and then, once ready.
  SystemdNotify(const boost::asio::any_io_executor& loop, std::function<std::string()> status);

  /// Started. From now on status and signs of life are sent by timers of the loop: a loop that
  /// hangs sends none.
  void started();
  void reloading();
  /// The reload is done, or was refused.
  void reloaded();
  void stopping();

 private:
  void connect(const char* address);
  /// A change of state, which must not get lost.
  void tell(std::string text);
  void retry();
  bool send(const std::string& text);
  void arm_status();
  void arm_watchdog();

  std::function<std::string()> status_;
  boost::asio::local::datagram_protocol::socket socket_;
  boost::asio::steady_timer status_timer_;
  boost::asio::steady_timer watchdog_timer_;
  std::chrono::microseconds watchdog_period_{0};  ///< 0: none
  std::string unsent_;                            ///< the newest state, where it was not taken
  std::string told_;                              ///< the status that was sent last
  bool stopping_ = false;
};

}  // namespace gcstreamd
