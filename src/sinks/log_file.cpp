#include "gcstreamd/sinks/log_file.hpp"

#include <algorithm>
#include <utility>

#include "gcstreamd/sinks/tail.hpp"

namespace gcstreamd {

using boost::system::error_code;

LogFile::LogFile(const SinkContext& context, const SinkConfig& config, Callbacks callbacks)
    : context_(context),
      config_(config),
      callbacks_(std::move(callbacks)),
      lane_(context.pool.lane()),
      timer_(context.loop) {}

LogFile::~LogFile() {
  *alive_ = false;
}

error_code LogFile::begin(Opened opened) {
  buffer_.clear();
  sync_failed_ = write_failed_ = held_ = sync_again_ = false;
  failed_file_.reset();
  buffered_ = std::move(opened.found);
  buffered_.offset = opened.file->size();
  flushed_ = buffered_;
  durable_ = std::move(opened.durable);
  adopt(std::move(opened.file));
  epoch_offset_ = opened.epoch_offset;
  kept_ = opened.kept;
  before_ = std::move(opened.before);
  dirty_ = durable_.offset != flushed_.offset || durable_.place != flushed_.place;
  if (kept_ != Kept::after_sync)
    return flush();
  dirty_ = new_name_ = true;
  sync();
  return {};
}

void LogFile::adopt(std::shared_ptr<AppendFile> file) {
  const bool empty = file->regular() && file->size() == 0;
  new_name_ = empty || (new_name_ && file->id() == id_);
  id_ = file->id();
  open_path_ = config_.path;
  file_ = std::move(file);
}

void LogFile::configure(const SinkConfig& config, bool shared) {
  // What was written without syncs is made durable with what follows.
  if (file_ && config_.sync == SinkConfig::Sync::never && config.sync != SinkConfig::Sync::never)
    dirty_ = true;
  config_ = config;
  shared_ = shared_ || shared;
  timer_.cancel();  // it was armed for the interval as it was
  sync();
}

bool LogFile::moved() const {
  const auto found = context_.disk.find(config_.path);
  if (found)
    return *found != id_;
  // Where it cannot be looked at, a file is no less ours than before.
  return config_.path != open_path_ ||
         found.error() == boost::system::errc::no_such_file_or_directory;
}

error_code LogFile::leave() {
  if (const auto error = flush())
    return error;
  held_ = true;
  sync();
  return {};
}

error_code LogFile::enter(const std::string& time, std::optional<SinkRepair>& repair) {
  auto opened = open_again(time, repair);
  return opened ? go_on_in(std::move(*opened)) : opened.error();
}

boost::system::result<std::shared_ptr<AppendFile>> LogFile::open_again(
    const std::string& time, std::optional<SinkRepair>& repair) {
  stuck_ = true;
  const bool others = moved();
  auto opened = context_.disk.open(config_.path, config_.mode);
  if (!opened)
    return opened;
  // An unfinished line of our own is cut by `recover`; anybody else's is kept apart.
  if (others) {
    auto cleared = clear_torn_end(context_.disk, **opened, config_.path, time);
    if (!cleared)
      return cleared.error();
    repair = std::move(*cleared);
  }
  stuck_ = false;
  return opened;
}

/// From here on lines go to `file`, first those that wait.
error_code LogFile::go_on_in(std::shared_ptr<AppendFile> file) {
  if (std::exchange(hold_back_, false) && kept_ == Kept::yes)
    kept_ = Kept::after_save;
  // Where its size is another one, somebody else wrote there, or cut it.
  if (file->id() != id_ || (file->regular() && file->size() != flushed_.offset)) {
    if (kept_ == Kept::yes)
      kept_ = Kept::after_save;
    epoch_offset_ = file->size() + epoch_offset_ - std::min(epoch_offset_, flushed_.offset);
    durable_.offset = flushed_.offset = file->size();
    shared_ = false;
  }
  adopt(std::move(file));
  failed_file_.reset();
  sync_failed_ = false;
  held_ = false;
  dirty_ = true;  // its name at least
  return waits() ? error_code() : flush();
}

error_code LogFile::go_on() {
  kept_ = Kept::yes;
  return flush();
}

error_code LogFile::recover(const std::string& time, std::optional<SinkRepair>& repair) {
  if (syncing_)  // its answer belongs to the file as it was
    return not_yet();
  auto opened = open_again(time, repair);
  if (!opened)
    return opened.error();
  AppendFile& file = **opened;
  // Another file under this name is somebody else's: it is appended to, and nothing of it is cut.
  const bool same = file.id() == id_;
  if (const auto error = sync_failed_ ? take_back(file, same) : same ? mend(file) : let_go())
    return error;
  return go_on_in(std::move(*opened));
}

/// A failed write whose part could not be cut off at once.
error_code LogFile::mend(AppendFile& file) const {
  return file.size() > flushed_.offset ? file.truncate(flushed_.offset) : error_code();
}

/// The old file was moved away: what it holds counts as durable only after a last sync. A part that
/// a failed write left at its end is cut off once more; where that fails again, it stays there.
error_code LogFile::let_go() {
  if (!file_)
    return {};
  if (write_failed_ && !shared_)
    static_cast<void>(file_->truncate(flushed_.offset));
  if (!dirty_)
    return {};
  start_sync();
  return not_yet();
}

/// What followed the durable mark may be on the disk or not: only a new copy is known to be. It is
/// taken from the page cache where it looks like what was written there; else the stream goes back
/// to the durable mark, and the server sends it again.
error_code LogFile::take_back(AppendFile& file, bool same) {
  AppendFile& source = same ? file : *failed_file_;
  const auto doubtful = source.read(durable_.offset, std::max(flushed_.offset, durable_.offset));
  if (!doubtful)
    return doubtful.error();
  const bool whole = durable_.offset + doubtful->size() == flushed_.offset &&
                     (doubtful->empty() || doubtful->back() == '\n') &&
                     doubtful->find('\0') == std::string::npos;
  if (same)
    if (const auto error = file.truncate(durable_.offset))
      return error;
  // Else the lines would be in the file that was moved away and in the new one.
  if (!same && !shared_)
    static_cast<void>(source.truncate(durable_.offset));
  if (whole)
    buffer_.insert(0, *doubtful);
  else
    rewind();
  flushed_ = durable_;
  sync_failed_ = false;
  return {};
}

void LogFile::give_up() {
  AppendFile* file = sync_failed_ ? failed_file_.get() : file_.get();
  if (file && !shared_ && file->size() > written().offset)
    static_cast<void>(file->truncate(written().offset));
  buffer_.clear();
}

void LogFile::rewind() {
  buffer_.clear();
  buffered_ = durable_;
  rewound_ = true;
}

error_code LogFile::flush() {
  if (waits()) {
    stuck_ = buffer_.size() > kMaxHeld;
    return stuck_ ? boost::system::errc::make_error_code(boost::system::errc::timed_out)
                  : error_code();
  }
  if (!file_)
    return boost::system::errc::make_error_code(boost::system::errc::bad_file_descriptor);
  if (!buffer_.empty()) {
    if (const auto error = file_->append(buffer_)) {
      write_failed_ = true;
      return error;
    }
    empty_buffer();
    write_failed_ = false;
    dirty_ = true;
  }
  buffered_.offset = file_->size();
  flushed_ = buffered_;
  after_flush();
  return {};
}

/// What a batch needs is kept; what waited for another file or a disk is given back.
void LogFile::empty_buffer() {
  buffer_.clear();
  if (buffer_.capacity() > 4 * kBatchBytes)
    buffer_.shrink_to_fit();
}

void LogFile::after_flush() {
  if (config_.sync == SinkConfig::Sync::never)
    dirty_ = false;
  settle_if_clean();
  if (!dirty_)
    return;
  if (config_.sync == SinkConfig::Sync::batch) {
    sync();
    return;
  }
  if (timer_armed_)
    return;
  timer_armed_ = true;
  timer_.expires_after(config_.sync_interval);
  timer_.async_wait([this, alive = alive_](const error_code&) {
    if (!*alive)
      return;
    timer_armed_ = false;
    sync();
  });
}

void LogFile::sync() {
  if (!file_ || !dirty_)
    return;
  if (syncing_)
    sync_again_ = true;
  else
    start_sync();
}

void LogFile::start_sync() {
  syncing_ = true;
  dirty_ = false;
  syncing_mark_ = flushed_;
  auto job = [file = file_, &disk = context_.disk, path = open_path_, before = before_,
              new_name = new_name_] {
    if (const auto error = sync_all(before))
      return error;
    const error_code error = file->sync();
    // A new file is found after a power loss only once its directory is durable.
    return error || !new_name ? error : disk.sync_directory(path);
  };
  lane_.run(std::move(job), [this, alive = alive_](error_code error) {
    if (*alive)
      on_synced(error);
  });
}

error_code LogFile::sync_all(const std::vector<std::shared_ptr<AppendFile>>& files) {
  for (const auto& file : files)
    if (const auto error = file->sync())
      return error;
  return {};
}

void LogFile::on_synced(error_code error) {
  syncing_ = false;
  const bool again = std::exchange(sync_again_, false);
  if (error) {
    failed_file_ = std::move(file_);
    file_.reset();
    sync_failed_ = true;
    dirty_ = false;
    callbacks_.on_fault(error);
    return;
  }
  durable_ = syncing_mark_;
  new_name_ = false;
  before_.clear();
  if (kept_ == Kept::after_sync)
    kept_ = Kept::after_save;
  if (again)
    sync();
  settle_if_clean();
  callbacks_.on_durable();
}

void LogFile::settle_if_clean() {
  if (!dirty_ && !syncing_)
    durable_ = flushed_;
}

bool LogFile::crowded() const {
  if (waits())
    return buffer_.size() > kMaxHeld / 2;
  const bool by_syncs = config_.sync != SinkConfig::Sync::never && !sync_failed_;
  return by_syncs && flushed_.offset > durable_.offset + kMaxUnsynced;
}

bool LogFile::settled() const {
  const bool stuck = write_failed_ || sync_failed_ || stuck_;
  return !syncing_ && (stuck || (buffer_.empty() && !dirty_));
}

}  // namespace gcstreamd
