#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>
#include <boost/system/error_code.hpp>
#include <functional>

namespace gcstreamd {

/// Runs what may block on the disk away from the loop.
class SyncPool {
 public:
  /// `workers`: the threads that jobs run on; they outlive no executor that they post to.
  SyncPool(boost::asio::any_io_executor loop, boost::asio::any_io_executor workers)
      : loop_(std::move(loop)), workers_(std::move(workers)) {}

  using Job = std::function<boost::system::error_code()>;
  using Done = std::function<void(boost::system::error_code)>;

  /// Jobs of one lane run one after the other, in the order they were asked for. A disk that hangs
  /// holds up its own lane, and others only when no worker is left.
  class Lane {
   public:
    /// Runs `job` on a worker, then `done` on the loop's thread.
    void run(Job job, Done done);

   private:
    friend class SyncPool;
    Lane(boost::asio::any_io_executor loop, const boost::asio::any_io_executor& workers)
        : loop_(std::move(loop)), strand_(workers) {}

    boost::asio::any_io_executor loop_;
    boost::asio::strand<boost::asio::any_io_executor> strand_;
  };

  Lane lane() const { return {loop_, workers_}; }

  /// So many disks may hang before others notice.
  static constexpr std::size_t kWorkers = 16;

 private:
  boost::asio::any_io_executor loop_;
  boost::asio::any_io_executor workers_;
};

}  // namespace gcstreamd
