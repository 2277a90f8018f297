#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/system/error_code.hpp>
#include <functional>

namespace gcstreamd {

/// One thread for what may block on the disk, in the order it was asked for.
class SyncPool {
 public:
  explicit SyncPool(boost::asio::any_io_executor loop) : loop_(std::move(loop)), pool_(1) {}

  using Job = std::function<boost::system::error_code()>;
  using Done = std::function<void(boost::system::error_code)>;
  /// Runs `job` on the pool's thread, then `done` on the loop's.
  void run(Job job, Done done);

 private:
  boost::asio::any_io_executor loop_;
  boost::asio::thread_pool pool_;
};

}  // namespace gcstreamd
