#include "gcstreamd/app/systemd_notify.hpp"

#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <cstdlib>
#include <string_view>

#include "gcstreamd/core/listen_address.hpp"
#include "gcstreamd/core/service_notice.hpp"

namespace gcstreamd {
namespace {

constexpr std::chrono::seconds kStatusPeriod{5};

}  // namespace

SystemdNotify::SystemdNotify(const boost::asio::any_io_executor& loop,
                             std::function<std::string()> status)
    : status_(std::move(status)), socket_(loop), status_timer_(loop), watchdog_timer_(loop) {
  const char* address = std::getenv("NOTIFY_SOCKET");
  if (!address)
    return;
  connect(address);
  if (const auto limit =
          watchdog_limit(std::getenv("WATCHDOG_USEC"), std::getenv("WATCHDOG_PID"), ::getpid()))
    watchdog_period_ = *limit / 2;
}

void SystemdNotify::connect(const char* address) {
  std::string path(address);
  if ((!path.starts_with('/') && !path.starts_with('@')) || path.size() > kLongestSocketPath)
    return;
  if (path.front() == '@')
    path.front() = '\0';  // abstract
  boost::system::error_code error;
  socket_.open(boost::asio::local::datagram_protocol(), error);
  if (!error)
    socket_.connect(boost::asio::local::datagram_protocol::endpoint(path), error);
  if (!error)
    socket_.non_blocking(true, error);
  if (error)
    socket_.close(error);
}

void SystemdNotify::started() {
  if (!socket_.is_open())
    return;
  told_ = status_();
  tell(notice("READY=1", told_));
  arm_status();
  if (watchdog_period_.count() > 0)
    arm_watchdog();
}

void SystemdNotify::reloading() {
  if (socket_.is_open() && !stopping_)
    tell(reloading_notice(std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now().time_since_epoch())));
}

void SystemdNotify::reloaded() {
  if (socket_.is_open() && !stopping_)
    tell(notice("READY=1", ""));
}

void SystemdNotify::stopping() {
  if (!socket_.is_open() || std::exchange(stopping_, true))
    return;
  tell(notice("STOPPING=1", "stopping"));
}

void SystemdNotify::tell(std::string text) {
  unsent_ = std::move(text);
  retry();
}

void SystemdNotify::retry() {
  if (!unsent_.empty() && send(unsent_))
    unsent_.clear();
}

/// False where it may be taken later.
bool SystemdNotify::send(const std::string& text) {
  boost::system::error_code error;
  socket_.send(boost::asio::buffer(text), 0, error);
  return error != boost::asio::error::would_block && error != boost::asio::error::no_buffer_space;
}

void SystemdNotify::arm_status() {
  status_timer_.expires_after(kStatusPeriod);
  status_timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (aborted)
      return;
    retry();
    std::string words = stopping_ ? told_ : status_();
    if (words != told_ && send(notice("", words)))
      told_ = std::move(words);
    arm_status();
  });
}

void SystemdNotify::arm_watchdog() {
  watchdog_timer_.expires_after(watchdog_period_);
  watchdog_timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (aborted)
      return;
    retry();
    send(notice("WATCHDOG=1", ""));
    arm_watchdog();
  });
}

}  // namespace gcstreamd
