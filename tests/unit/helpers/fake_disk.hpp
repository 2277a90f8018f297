#pragma once

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cerrno>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gcstreamd/sinks/disk.hpp"
#include "gcstreamd/sinks/log_file.hpp"
#include "gcstreamd/sinks/sync_pool.hpp"

namespace gcstreamd {

inline boost::system::error_code disk_error(int number) {
  return {number, boost::system::system_category()};
}

/// One file in memory, with the faults that a test asks for. `sync` runs on another thread.
struct FakeFile {
  /// From now on syncs do not end until `go_on`.
  void stall() { stalled = true; }
  void go_on() {
    stalled = false;
    stalled.notify_all();
  }

  std::string content;
  std::uint64_t inode = 0;
  std::atomic<int> fail_appends = 0;      ///< so many appends fail
  std::atomic<int> fail_syncs = 0;        ///< so many syncs fail
  std::atomic<int> fail_opens = 0;        ///< so many openings fail
  std::atomic<int> fail_reads = 0;        ///< so many reads fail
  std::atomic<bool> torn_writes = false;  ///< a failed append leaves a part that cannot be cut off
  std::atomic<int> syncs = 0;             ///< begun
  std::atomic<bool> stalled = false;
  bool cut = false;                      ///< was made shorter
  std::string path;                      ///< where it was created
  std::atomic<std::size_t> size = 0;     ///< of the content, for the thread that syncs
  std::atomic<std::size_t> durable = 0;  ///< of it, what a power loss leaves
  std::string synced;                    ///< the content that a power loss leaves; with a plan only
};

/// Files by path; opens any. With a plan, every call asks it first, and must be made by one thread.
class FakeDisk : public Disk {
 public:
  using Names = std::map<std::string, std::shared_ptr<FakeFile>>;

  /// What becomes of a call: 0, it succeeds; an errno, it fails with that; kCrash, it is done in
  /// part or not at all, and nothing is done any more until `restart`.
  static constexpr int kCrash = -1;
  std::function<int(std::string_view call, const std::string& path)> plan;

  /// A test that ends early leaves no thread behind that waits for it.
  ~FakeDisk() override { go_on(); }
  /// No sync hangs any more.
  void go_on() {
    for (const auto& file : all_)
      file->go_on();
  }

  FakeFile& operator[](const std::string& path) { return *file(path); }
  /// From now on another, empty file has this name. Returns the one that had it.
  std::shared_ptr<FakeFile> move_away(const std::string& path) {
    all_.push_back(std::make_shared<FakeFile>());
    all_.back()->inode = all_.size();
    all_.back()->path = path;
    auto before = std::exchange(files_[path], all_.back());
    history_.push_back(files_);
    return before;
  }
  /// From now on no file has this name. Returns the one that had it.
  std::shared_ptr<FakeFile> take_away(const std::string& path) {
    auto file = files_.at(path);
    files_.erase(path);
    return file;
  }
  /// Gives a file that was taken away its name again, or another one.
  void put_back(const std::string& path, std::shared_ptr<FakeFile> file) {
    files_[path] = std::move(file);
    history_.push_back(files_);
  }
  bool has(const std::string& path) const { return files_.contains(path); }
  const Names& names() const { return files_; }
  /// All that there ever were, the oldest first.
  const std::vector<std::shared_ptr<FakeFile>>& all() const { return all_; }
  int fail_rotations = 0;
  int fail_finds = 0;  ///< so many times nobody may look for a name

  bool crashed() const { return crashed_; }
  /// After a crash: `power` lost, what was not synced is there in part, in full or not at all.
  void restart(bool power, std::mt19937& random) {
    crashed_ = false;
    plan = {};
    if (!power)
      return;
    if (!history_.empty())
      files_ = history_[random() % history_.size()];
    history_ = {files_};
    for (const auto& file : all_)
      lose(*file, random);
  }

  boost::system::result<std::shared_ptr<AppendFile>> open(const std::string& path,
                                                          unsigned) override {
    if (const int error = ask("open", path))
      return disk_error(error);
    const auto opened = file(path);
    if (opened->fail_opens > 0) {
      --opened->fail_opens;
      return disk_error(EACCES);
    }
    return std::make_shared<Handle>(*this, opened);
  }
  boost::system::result<std::string> load(const std::string& path) override {
    if (const int error = ask("load", path))
      return disk_error(error);
    return has(path) ? boost::system::result<std::string>((*this)[path].content)
                     : disk_error(ENOENT);
  }
  boost::system::result<FileId> find(const std::string& path) override {
    if (fail_finds > 0) {
      --fail_finds;
      return disk_error(EACCES);
    }
    const auto found = files_.find(path);
    return found == files_.end() ? boost::system::result<FileId>(disk_error(ENOENT))
                                 : FileId{1, found->second->inode, 1};
  }
  std::string find_by_id(const std::string&, const FileId& id) override {
    for (const auto& [path, file] : files_)
      if (file->inode == id.inode)
        return path;
    return {};
  }
  boost::system::result<std::string> rotate(const std::string& path, WallTime) override {
    if (fail_rotations > 0) {
      --fail_rotations;
      return disk_error(EACCES);
    }
    std::string name = path + ".20261123T184455Z-" + std::to_string(100001 + rotations_++);
    const auto error = replace(path, name);
    return error ? boost::system::result<std::string>(error) : name;
  }
  std::chrono::nanoseconds age(const std::string&) override { return {}; }
  boost::system::error_code replace(const std::string& from, const std::string& to) override {
    if (const int error = ask("rename", from))
      return disk_error(error);
    if (!has(from))
      return disk_error(ENOENT);
    files_[to] = take_away(from);
    history_.push_back(files_);
    return {};
  }
  boost::system::error_code sync_directory(const std::string& path) override {
    if (const int error = ask("sync_directory", path))
      return disk_error(error);
    if (plan)
      history_ = {files_};
    return {};
  }

 private:
  class Handle : public AppendFile {
   public:
    Handle(FakeDisk& disk, std::shared_ptr<FakeFile> file) : disk_(disk), file_(std::move(file)) {}

    boost::system::error_code append(std::string_view bytes) override {
      const bool alive = !disk_.crashed_;
      if (const int error = disk_.ask("append", file_->path)) {
        if (alive && disk_.crashed_)
          add(bytes.substr(0, bytes.size() / 2));
        return disk_error(error);
      }
      if (file_->fail_appends > 0) {
        --file_->fail_appends;
        if (file_->torn_writes)
          add(bytes.substr(0, bytes.size() / 2));
        return disk_error(ENOSPC);
      }
      add(bytes);
      return {};
    }
    boost::system::error_code sync() override {
      if (const int error = disk_.ask("sync", file_->path))
        return disk_error(error);
      const std::size_t size = file_->size;
      ++file_->syncs;
      file_->stalled.wait(true);
      if (file_->fail_syncs == 0) {
        file_->durable = size;
        if (disk_.plan)
          file_->synced = file_->content;
        return {};
      }
      --file_->fail_syncs;
      return disk_error(EIO);
    }
    boost::system::error_code truncate(std::uint64_t size) override {
      if (const int error = disk_.ask("truncate", file_->path))
        return disk_error(error);
      file_->cut = file_->cut || size < file_->content.size();
      file_->content.resize(size);
      file_->size = size;
      file_->durable = std::min<std::size_t>(file_->durable, size);
      return {};
    }
    std::uint64_t size() const override { return file_->content.size(); }
    boost::system::result<std::string> read(std::uint64_t from, std::uint64_t to) override {
      if (const int error = disk_.ask("read", file_->path))
        return disk_error(error);
      if (file_->fail_reads > 0) {
        --file_->fail_reads;
        return disk_error(EIO);
      }
      return file_->content.substr(std::min<std::uint64_t>(from, size()), to - from);
    }
    FileId id() const override { return {1, file_->inode, 1}; }
    bool regular() const override { return true; }
    unsigned mode() const override { return 0640; }

   private:
    void add(std::string_view bytes) {
      file_->content += bytes;
      file_->size = file_->content.size();
    }

    FakeDisk& disk_;
    std::shared_ptr<FakeFile> file_;
  };

  int ask(std::string_view call, const std::string& path) {
    if (!plan)
      return 0;
    const int answer = crashed_ ? kCrash : plan(call, path);
    crashed_ = crashed_ || answer == kCrash;
    return answer == kCrash ? EIO : answer;
  }
  std::shared_ptr<FakeFile> file(const std::string& path) {
    if (!has(path))
      move_away(path);
    return files_.at(path);
  }
  static void lose(FakeFile& file, std::mt19937& random) {
    const std::string& now = file.content;
    const bool appended = now.size() >= file.synced.size() && now.starts_with(file.synced);
    std::string left = file.synced;
    if (appended)
      left = now.substr(0, file.synced.size() + random() % (now.size() - file.synced.size() + 1));
    else if (random() % 2 == 0)
      left = now;
    file.content = file.synced = left;
    file.size = file.durable = left.size();
  }

  Names files_;
  std::vector<Names> history_;  ///< the names that a power loss may leave, since the last sync
  std::vector<std::shared_ptr<FakeFile>> all_;
  bool crashed_ = false;
  unsigned rotations_ = 0;
};

/// A loop, workers and a disk to make sinks with. Loop first: the workers post to it.
struct SinkBench {
  ~SinkBench() { disk.go_on(); }

  boost::asio::io_context loop;
  FakeDisk disk;
  PosixDisk real_disk;
  boost::asio::thread_pool workers{SyncPool::kWorkers};
  SyncPool pool{loop.get_executor(), workers.get_executor()};
  SinkContext context{loop.get_executor(), pool, disk};
  SinkContext real_context{loop.get_executor(), pool, real_disk};

  /// Runs the loop until `done`; false when that does not come about.
  bool run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      loop.restart();
      loop.run_one_for(std::chrono::milliseconds{20});
    }
    return done();
  }
};

}  // namespace gcstreamd
