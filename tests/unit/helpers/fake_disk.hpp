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

#include "gcstreamd/sinks/append_file.hpp"
#include "gcstreamd/sinks/log_file.hpp"
#include "gcstreamd/sinks/sync_pool.hpp"

namespace gcstreamd {

inline boost::system::error_code disk_error(int number) {
  return {number, boost::system::system_category()};
}

/// One file in memory, with the faults that a test asks for. `sync` runs on another thread.
struct FakeFile {
  std::string content;
  std::uint64_t inode = 0;
  std::atomic<int> fail_appends = 0;      ///< so many appends fail
  std::atomic<int> fail_syncs = 0;        ///< so many syncs fail
  std::atomic<int> fail_opens = 0;        ///< so many openings fail
  std::atomic<bool> torn_writes = false;  ///< a failed append leaves a part that cannot be cut off
  std::atomic<int> syncs = 0;
};

/// Files by path; opens any.
class FakeDisk {
 public:
  FakeFile& operator[](const std::string& path) {
    auto& file = files_[path];
    if (!file)
      move_away(path);
    return *file;
  }
  /// From now on another, empty file has this name.
  void move_away(const std::string& path) {
    files_[path] = std::make_shared<FakeFile>();
    files_[path]->inode = ++inodes_;
  }
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
          file_->content += bytes.substr(0, bytes.size() / 2);
        return disk_error(ENOSPC);
      }
      file_->content += bytes;
      return {};
    }
    boost::system::error_code sync() override {
      ++file_->syncs;
      if (file_->fail_syncs == 0)
        return {};
      --file_->fail_syncs;
      return disk_error(EIO);
    }
    boost::system::error_code truncate(std::uint64_t size) override {
      file_->content.resize(size);
      return {};
    }
    std::uint64_t size() const override { return file_->content.size(); }
    boost::system::result<std::string> read(std::uint64_t from, std::uint64_t to) override {
      return file_->content.substr(std::min<std::uint64_t>(from, size()), to - from);
    }
    FileId id() const override { return {1, file_->inode}; }

   private:
    std::shared_ptr<FakeFile> file_;
  };

  std::map<std::string, std::shared_ptr<FakeFile>> files_;
  std::uint64_t inodes_ = 0;
};

/// A loop, a pool and a disk to make sinks with. Loop first: the pool's thread posts to it.
struct SinkBench {
  boost::asio::io_context loop;
  SyncPool pool{loop.get_executor()};
  FakeDisk disk;
  SinkContext context{loop.get_executor(), pool, disk.opener()};

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
