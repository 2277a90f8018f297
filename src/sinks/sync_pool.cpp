#include "gcstreamd/sinks/sync_pool.hpp"

#include <boost/asio/post.hpp>

namespace gcstreamd {

void SyncPool::Lane::run(Job job, Done done) {
  auto work = [loop = loop_, job = std::move(job), done = std::move(done)]() mutable {
    const auto error = job();
    boost::asio::post(loop, [done = std::move(done), error] { done(error); });
  };
  boost::asio::post(strand_, std::move(work));
}

}  // namespace gcstreamd
