#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/sinks/append_file.hpp"
#include "gcstreamd/sinks/mark.hpp"
#include "gcstreamd/sinks/sync_pool.hpp"

namespace gcstreamd {

/// What the sinks are made with; outlives them.
struct SinkContext {
  boost::asio::any_io_executor loop;
  SyncPool& pool;
  FileOpener open_file;
};

/// A file of lines: buffers them, writes a batch at a time, syncs off the loop, and knows how far
/// it is written and durable. Used on the loop's thread.
class LogFile {
 public:
  /// `on_durable`: the durable mark moved. `on_fault`: a sync failed; the file is closed.
  struct Callbacks {
    std::function<void()> on_durable;
    std::function<void(boost::system::error_code)> on_fault;
  };

  LogFile(const SinkContext& context, const SinkConfig& config, Callbacks callbacks);
  ~LogFile();

  /// Opens the file for the first time, its tail recovered.
  boost::system::result<Tail> open(const std::string& time);
  /// Opens it again after a fault. Lines that a failed write left in the buffer are kept; what a
  /// failed sync left in doubt is read back, cut off and written anew through the new descriptor.
  boost::system::error_code recover();

  /// Where lines are added, each with its line break.
  std::string& buffer() { return buffer_; }
  std::size_t waiting() const { return buffer_.size(); }
  /// What the buffer's lines reach up to.
  Mark& buffered() { return buffered_; }
  const Mark& buffered() const { return buffered_; }
  const Mark& flushed() const { return flushed_; }
  const Mark& durable() const { return durable_; }

  /// Writes the buffer; on failure it is kept.
  boost::system::error_code flush();
  /// Starts a sync of what is written, unless one is under way that is followed by another.
  void sync();
  /// Whether all that was buffered is durable, as far as a failed file lets it be.
  bool settled() const;

  static constexpr std::size_t kBatchBytes = 256 * 1024;

 private:
  void after_flush();
  void start_sync();
  void on_synced(boost::system::error_code error);
  void settle_if_clean();
  boost::system::error_code mend(AppendFile& file) const;
  boost::system::error_code leave();
  boost::system::error_code take_back(AppendFile& file, bool same);

  const SinkContext& context_;
  SinkConfig config_;
  Callbacks callbacks_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<AppendFile> file_;
  std::shared_ptr<AppendFile> failed_file_;  ///< whose sync failed: only read from
  std::string buffer_;
  Mark buffered_;
  Mark flushed_;
  Mark syncing_mark_;
  Mark durable_;
  bool dirty_ = false;  ///< written since the last sync began
  bool syncing_ = false;
  bool sync_again_ = false;
  bool timer_armed_ = false;
  bool sync_failed_ = false;
  bool write_failed_ = false;
  FileId id_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gcstreamd
