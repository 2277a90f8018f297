#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/sinks/disk.hpp"
#include "gcstreamd/sinks/mark.hpp"
#include "gcstreamd/sinks/sync_pool.hpp"

namespace gcstreamd {

/// What the sinks are made with; outlives them.
struct SinkContext {
  boost::asio::any_io_executor loop;
  SyncPool& pool;
  Disk& disk;
  /// Compresses and deletes rotated files of a path, up to the one that was `finished` just now, or
  /// all that there are where that is empty. Does not wait. Empty: nobody does.
  std::function<void(const std::string& path, const RotateConfig&, const std::string& finished)>
      tidy = {};
};

/// Why a call asks for patience: a sync runs whose answer it needs, or another sink is on its way
/// out of the same file.
inline boost::system::error_code not_yet() {
  return boost::system::errc::make_error_code(boost::system::errc::device_or_resource_busy);
}

/// A file of lines: buffers them, writes a batch at a time, syncs off the loop, and knows how far
/// it is written and durable. Used on the loop's thread.
///
/// A file that was moved away is left for the one that has its name now by `leave`, which writes
/// and syncs the old one while new lines wait, and then `enter`.
class LogFile {
 public:
  /// `on_durable`: a sync succeeded. `on_fault`: a sync failed; the file is closed.
  struct Callbacks {
    std::function<void()> on_durable;
    std::function<void(boost::system::error_code)> on_fault;
  };

  LogFile(const SinkContext& context, const SinkConfig& config, Callbacks callbacks);
  ~LogFile();

  /// How the file stands to what is kept over a restart. One that a restart does not know is not
  /// written to: what it holds would come again.
  enum class Kept {
    yes,
    after_save,  ///< `saved` is to be kept first
    after_sync,  ///< all is to be synced before that
  };
  /// A file that was looked at.
  struct Opened {
    std::shared_ptr<AppendFile> file;
    Mark found;                      ///< up to where it holds its stream, at its end
    Mark durable;                    ///< up to where that is known to be durable
    std::uint64_t epoch_offset = 0;  ///< where the epoch began
    Kept kept = Kept::yes;
    std::vector<std::shared_ptr<AppendFile>> before;  ///< to be synced with it
  };
  /// Goes on in it.
  boost::system::error_code begin(Opened opened);
  /// Opens it again after a fault. Lines that a failed write left in the buffer are kept; what a
  /// failed sync left in doubt is read back, cut off and written anew through the new descriptor.
  /// Where it cannot be read back, all that is not durable is forgotten: see `take_rewound`.
  /// `not_yet`: the answer of a sync is needed first; `on_durable` or `on_fault` tells it.
  boost::system::error_code recover(const std::string& time, std::optional<SinkRepair>& repair);
  /// Whether the last `recover` went back to the durable mark: what followed has to come again.
  bool take_rewound() { return std::exchange(rewound_, false); }

  /// Whether the path names another file than the one that is open, or none.
  bool moved() const;
  boost::system::error_code leave();
  bool left() const { return held_ && !syncing_ && !dirty_; }
  Kept kept() const { return kept_; }
  /// Whether the answer of a sync is still to come.
  bool syncing() const { return syncing_; }
  /// What is opened next is saved before it is written to, whichever file it is.
  void hold_back() { hold_back_ = true; }
  /// What `saved` was is kept: writes what waited for that.
  boost::system::error_code go_on();
  boost::system::error_code enter(const std::string& time, std::optional<SinkRepair>& repair);

  /// Takes other keys. Another path counts as moved away; where another sink has the old one from
  /// now on (`shared`), nothing of it is cut any more.
  void configure(const SinkConfig& config, bool shared);

  /// Where lines are added, each with its line break.
  std::string& buffer() { return buffer_; }
  /// Bytes that a flush writes: what waits for another file does not count as long as it may wait.
  std::size_t waiting() const { return waits() && buffer_.size() <= kMaxHeld ? 0 : buffer_.size(); }
  /// What the buffer's lines reach up to.
  Mark& buffered() { return buffered_; }
  const Mark& buffered() const { return buffered_; }
  const Mark& flushed() const { return flushed_; }
  const Mark& durable() const { return durable_; }
  /// What is known to be in the file, or will be once a sync succeeds.
  const Mark& written() const { return sync_failed_ ? durable_ : flushed_; }

  /// Writes the buffer; on failure it is kept. Between `leave` and `enter`, and until `go_on`, it
  /// fails with timed_out once more than kMaxHeld waits, and writes nothing.
  boost::system::error_code flush();
  /// For good: what is not written, or in doubt after a failed sync, is cut off and forgotten.
  void give_up();
  /// Starts a sync of what is written, unless one is under way that is followed by another.
  void sync();
  /// Whether all that was buffered is durable, as far as a failed file lets it be.
  bool settled() const;
  /// Whether so much waits for the disk that nothing more should be taken.
  bool crowded() const;
  /// What is added from now on is of another epoch.
  void begin_epoch() { epoch_offset_ = flushed_.offset + buffer_.size(); }
  SavedSink saved() const {
    return {config_.type,  open_path_,     id_,           durable_.offset,
            epoch_offset_, durable_.place, durable_.head, durable_.seal};
  }

  static constexpr std::size_t kBatchBytes = 256 * 1024;
  static constexpr std::size_t kMaxHeld = 16 * 1024 * 1024;
  /// More than this is not written before a sync ends.
  static constexpr std::size_t kMaxUnsynced = 128 * 1024 * 1024;

 private:
  bool waits() const { return held_ || kept_ != Kept::yes; }
  void empty_buffer();
  void after_flush();
  void start_sync();
  static boost::system::error_code sync_all(const std::vector<std::shared_ptr<AppendFile>>& files);
  void on_synced(boost::system::error_code error);
  void settle_if_clean();
  boost::system::error_code mend(AppendFile& file) const;
  boost::system::error_code let_go();
  boost::system::error_code take_back(AppendFile& file, bool same);
  void rewind();
  boost::system::result<std::shared_ptr<AppendFile>> open_again(const std::string& time,
                                                                std::optional<SinkRepair>& repair);
  void adopt(std::shared_ptr<AppendFile> file);
  boost::system::error_code go_on_in(std::shared_ptr<AppendFile> file);

  const SinkContext& context_;
  SinkConfig config_;
  Callbacks callbacks_;
  SyncPool::Lane lane_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<AppendFile> file_;
  std::shared_ptr<AppendFile> failed_file_;          ///< whose sync failed: only read and cut
  std::vector<std::shared_ptr<AppendFile>> before_;  ///< that the first sync is of, too
  Kept kept_ = Kept::yes;
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
  bool stuck_ = false;     ///< there is no file that the buffer could go to
  bool held_ = false;      ///< between `leave` and `enter`
  bool shared_ = false;    ///< another sink writes to the file that was left
  bool new_name_ = false;  ///< the directory may not hold it durably yet
  bool rewound_ = false;
  bool hold_back_ = false;
  std::uint64_t epoch_offset_ = 0;
  FileId id_;
  std::string open_path_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gcstreamd
