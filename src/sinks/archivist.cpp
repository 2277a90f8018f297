#include "gcstreamd/sinks/archivist.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "posix.hpp"

namespace gcstreamd {

/// What the thread may use also when the archivist itself is gone.
struct Archivist::Shared {
  Shared(boost::asio::any_io_executor executor, Tell teller)
      : loop(std::move(executor)), tell(std::move(teller)) {}

  std::optional<ArchiveTask> next() {
    std::unique_lock lock(mutex);
    busy = false;
    changed.wait(lock, [&] { return stopped || !waiting.empty(); });
    if (stopped)
      return std::nullopt;
    ArchiveTask task = std::move(waiting.front());
    waiting.pop_front();
    busy = true;
    return task;
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<ArchiveTask> waiting;
  bool busy = false;
  bool ended = false;
  std::atomic<bool> stopped = false;  ///< set under the mutex; the loop is not used after that
  boost::asio::any_io_executor loop;
  Tell tell;
};

namespace {

/// Behind everything else; where that is not allowed, like everything else.
void lower_priority() {
  constexpr int kNice = 10;
  constexpr int kThisThread = 1;                    // IOPRIO_WHO_PROCESS
  constexpr int kLastOfBestEffort = (2 << 13) | 7;  // IOPRIO_CLASS_BE, the lowest level
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice));
  static_cast<void>(::syscall(SYS_ioprio_set, kThisThread, 0, kLastOfBestEffort));
}

ArchiveNews failure(const ArchiveTask& task, boost::system::error_code error) {
  ArchiveNews news;
  news.path = task.path;
  news.error = error;
  return news;
}

void perform(const ArchiveTask& task, const std::function<bool()>& stopped,
             const std::function<void(ArchiveNews)>& tell) {
  try {
    tidy_archive(task, stopped, tell);
  } catch (const std::system_error& error) {
    tell(failure(task, system_error_of(error.code())));
  } catch (const std::bad_alloc&) {
    tell(failure(task, make_error_code(boost::system::errc::not_enough_memory)));
  }
}

}  // namespace

Archivist::Archivist(boost::asio::any_io_executor loop, Tell tell)
    : shared_(std::make_shared<Shared>(std::move(loop), std::move(tell))),
      thread_([shared = shared_] { work(shared); }) {}

Archivist::~Archivist() {
  if (!stop(std::chrono::seconds{1}))
    thread_.detach();
}

void Archivist::work(const std::shared_ptr<Shared>& shared) {
  lower_priority();
  const auto stopped = [&] { return shared->stopped.load(); };
  const auto tell = [&](ArchiveNews news) {
    const std::lock_guard lock(shared->mutex);
    if (shared->stopped)
      return;
    boost::asio::post(shared->loop, [shared, news = std::move(news)] {
      if (!shared->stopped)
        shared->tell(news);
    });
  };
  while (const auto task = shared->next())
    perform(*task, stopped, tell);
  const std::lock_guard lock(shared->mutex);
  shared->ended = true;
  shared->changed.notify_all();
}

void Archivist::tidy(ArchiveTask task) {
  const std::lock_guard lock(shared_->mutex);
  auto& waiting = shared_->waiting;
  const auto same = std::find_if(waiting.begin(), waiting.end(),
                                 [&](const ArchiveTask& one) { return one.path == task.path; });
  if (same == waiting.end()) {
    waiting.push_back(std::move(task));
  } else {
    task.finished = std::max(task.finished, same->finished);
    *same = std::move(task);
  }
  shared_->changed.notify_all();
}

bool Archivist::idle() const {
  const std::lock_guard lock(shared_->mutex);
  return !shared_->busy && shared_->waiting.empty();
}

bool Archivist::stop(std::chrono::milliseconds limit) {
  std::unique_lock lock(shared_->mutex);
  shared_->stopped = true;
  shared_->changed.notify_all();
  const bool ended = shared_->changed.wait_for(lock, limit, [&] { return shared_->ended; });
  lock.unlock();
  if (ended && thread_.joinable())
    thread_.join();
  return ended;
}

}  // namespace gcstreamd
