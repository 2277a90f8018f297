#pragma once

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gcstreamd/sinks/append_file.hpp"
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
  std::atomic<bool> torn_writes = false;  ///< a failed append leaves a part that cannot be cut off
  std::atomic<int> syncs = 0;             ///< begun
  std::atomic<bool> stalled = false;
  bool cut = false;                      ///< was made shorter
  std::string path;                      ///< where it was created
  std::atomic<std::size_t> size = 0;     ///< of the content, for the thread that syncs
  std::atomic<std::size_t> durable = 0;  ///< of it, what a power loss leaves
};

/// Files by path; opens any.
class FakeDisk {
 public:
  /// A test that ends early leaves no thread behind that waits for it.
  ~FakeDisk() {
    for (const auto& file : all_)
      file->go_on();
  }

  FakeFile& operator[](const std::string& path) {
    auto& file = files_[path];
    if (!file)
      move_away(path);
    return *file;
  }
  /// From now on another, empty file has this name. Returns the one that had it.
  std::shared_ptr<FakeFile> move_away(const std::string& path) {
    all_.push_back(std::make_shared<FakeFile>());
    all_.back()->inode = all_.size();
    all_.back()->path = path;
    return std::exchange(files_[path], all_.back());
  }
  /// From now on no file has this name. Returns the one that had it.
  std::shared_ptr<FakeFile> take_away(const std::string& path) {
    auto file = files_.at(path);
    files_.erase(path);
    return file;
  }
  /// Gives a file that was taken away its name again.
  void put_back(const std::string& path, std::shared_ptr<FakeFile> file) {
    files_[path] = std::move(file);
  }
  bool has(const std::string& path) const { return files_.contains(path); }
  /// All that there ever were, the oldest first.
  const std::vector<std::shared_ptr<FakeFile>>& all() const { return all_; }
  FileFinder finder() {
    return [this](const std::string& path) -> boost::system::result<FileId> {
      if (fail_finds > 0) {
        --fail_finds;
        return disk_error(EACCES);
      }
      const auto found = files_.find(path);
      return found == files_.end() ? boost::system::result<FileId>(disk_error(ENOENT))
                                   : FileId{1, found->second->inode};
    };
  }
  int fail_finds = 0;  ///< so many times nobody may look for a name
  FileOpener opener() {
    return [this](const std::string& path,
                  unsigned) -> boost::system::result<std::shared_ptr<AppendFile>> {
      FakeFile& file = (*this)[path];
      if (file.fail_opens > 0) {
        --file.fail_opens;
        return disk_error(EACCES);
      }
      return std::make_shared<Handle>(files_[path]);
    };
  }

 private:
  class Handle : public AppendFile {
   public:
    explicit Handle(std::shared_ptr<FakeFile> file) : file_(std::move(file)) {}

    boost::system::error_code append(std::string_view bytes) override {
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
      const std::size_t size = file_->size;
      ++file_->syncs;
      file_->stalled.wait(true);
      if (file_->fail_syncs == 0) {
        file_->durable = size;
        return {};
      }
      --file_->fail_syncs;
      return disk_error(EIO);
    }
    boost::system::error_code truncate(std::uint64_t size) override {
      file_->cut = file_->cut || size < file_->content.size();
      file_->content.resize(size);
      file_->size = size;
      file_->durable = std::min<std::size_t>(file_->durable, size);
      return {};
    }
    std::uint64_t size() const override { return file_->content.size(); }
    boost::system::result<std::string> read(std::uint64_t from, std::uint64_t to) override {
      return file_->content.substr(std::min<std::uint64_t>(from, size()), to - from);
    }
    FileId id() const override { return {1, file_->inode}; }

   private:
    void add(std::string_view bytes) {
      file_->content += bytes;
      file_->size = file_->content.size();
    }

    std::shared_ptr<FakeFile> file_;
  };

  std::map<std::string, std::shared_ptr<FakeFile>> files_;
  std::vector<std::shared_ptr<FakeFile>> all_;
};

/// A loop, a pool and a disk to make sinks with. Loop first: the pool's thread posts to it.
struct SinkBench {
  boost::asio::io_context loop;
  SyncPool pool{loop.get_executor()};
  FakeDisk disk;
  SinkContext context{loop.get_executor(), pool, disk.opener(), disk.finder()};

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
