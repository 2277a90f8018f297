#include "gcstreamd/sinks/file_sink.hpp"

#include <algorithm>

#include "gcstreamd/sinks/tail.hpp"

namespace gcstreamd {

namespace {

bool is_ours(const SinkStart& start) {
  return start.saved && start.saved->place.epoch == start.place.epoch;
}

/// Up to where the file holds the stream. Numbers of another epoch tell nothing of this one.
Place place_of(const SinkStart& start, const TailRecovery& tail) {
  Place found = is_ours(start) ? start.saved->place : start.place;
  if (is_ours(start) || (start.trust_tail && !start.saved))
    found.number = std::max(found.number, tail.last);
  return found;
}

/// What stands in any other file than the saved one is somebody else's.
std::uint64_t epoch_offset_in(const AppendFile& file, const SinkStart& start) {
  if (!start.saved)
    return start.trust_tail ? 0 : file.size();
  if (start.saved->place.epoch != start.place.epoch)
    return file.size();
  const bool same = file.id() == start.saved->file;
  return same ? std::min(start.saved->epoch_offset, file.size()) : file.size();
}

}  // namespace

boost::system::error_code LineSink::open(const SinkStart& start) {
  if (log_.syncing())
    return not_yet();
  const auto reader = make_reader(start);
  TailRecovery tail(context_.disk, *reader, {start.time, start.trust_tail, start.running});
  auto file = tail.run(config_.path, config_.mode, start.saved);
  repairs_ = std::move(tail.repairs);
  words_ = std::move(tail.damage);
  if (!file)
    return file.error();
  cut_ = is_ours(start) ? tail.cut : std::nullopt;
  LogFile::Opened opened;
  opened.file = std::move(*file);
  opened.before = std::move(tail.unsynced);
  opened.found.place = place_of(start, tail);
  if (tail.last != kNoNumber)
    found_timestamp_ = tail.timestamp;
  adopt(*reader, start, opened.found);
  if (const auto error = secure(start, opened))
    return error;
  opened.epoch_offset = epoch_offset_in(*opened.file, start);
  look_back(*opened.file, opened.epoch_offset);
  return log_.begin(std::move(opened));
}

/// In the file that was saved, what is known to be durable is what was saved, until the first sync.
/// Any other is synced first: only then may it be saved in place of the one before.
boost::system::error_code LineSink::secure(const SinkStart& start, LogFile::Opened& opened) {
  const AppendFile& file = *opened.file;
  opened.durable = opened.found;
  opened.durable.offset = file.size();
  const bool same = is_ours(start) && file.id() == start.saved->file;
  if (same && start.saved->offset <= file.size()) {
    opened.durable.place = start.saved->place;
    opened.durable.head = start.saved->head;
    opened.durable.seal = start.saved->seal;
    opened.durable.offset = start.saved->offset;
    return {};
  }
  opened.kept = start.running ? LogFile::Kept::after_sync : LogFile::Kept::after_save;
  if (start.running || (!start.saved && !start.trust_tail))
    return {};
  if (const auto error = opened.file->sync())
    return error;
  return context_.disk.sync_directory(config_.path);
}

std::optional<SavedSink> LineSink::saved() const {
  return log_.kept() == LogFile::Kept::after_sync ? std::nullopt : std::optional(log_.saved());
}

void LineSink::note(std::optional<SinkRepair> repair) {
  if (repair)
    repairs_.push_back(std::move(*repair));
}

void LineSink::move_to(Place place) {
  if (place.epoch != log_.buffered().place.epoch)
    log_.begin_epoch();
  log_.buffered().place = place;
}

boost::system::error_code LineSink::recover(const std::string& time) {
  watched_ = false;
  std::optional<SinkRepair> repair;
  const auto error = log_.recover(time, repair);
  note(std::move(repair));
  if (log_.take_rewound())
    on_rewound();
  return error;
}

/// After a failure it is tried again later: the file only grows meanwhile.
constexpr std::chrono::minutes kRotateAgain{1};

bool LineSink::rotation_due(SteadyTime now) {
  const std::uint64_t size = log_.flushed().offset;
  if (config_.rotate == RotateConfig{} || now < rotate_again_at_)
    return false;
  if (!std::exchange(watched_, true))
    trigger_.opened(size, context_.disk.age(config_.path), now);
  trigger_.resized(size, now);
  return trigger_.due(config_.rotate, now);
}

boost::system::result<std::string> LineSink::rotate(const Now& now) {
  if (log_.moved())
    return std::string();
  auto name = context_.disk.rotate(config_.path, now.wall);
  if (!name)
    rotate_again_at_ = now.steady + kRotateAgain;
  return name;
}

boost::system::error_code LineSink::enter(const std::string& time) {
  watched_ = false;
  std::optional<SinkRepair> repair;
  const auto error = log_.enter(time, repair);
  note(std::move(repair));
  return error;
}

void LineSink::configure(const SinkConfig& config, bool shared) {
  rotate_again_at_ = {};
  config_ = config;
  log_.configure(config, shared);
}

std::uint64_t LineSink::unwritten(Hole& range) const {
  const Mark& written = log_.written();
  const Mark& taken = log_.buffered();
  const bool same_epoch = written.place.epoch == taken.place.epoch;
  range = {same_epoch ? written.place.number + 1 : 1, taken.place.number};
  return taken.events - written.events;
}

void FileSink::append(const Event& event, const Now&) {
  std::string& buffer = log().buffer();
  buffer += event.line;
  buffer += '\n';
  took_event();
}

std::unique_ptr<TailReader> FileSink::make_reader(const SinkStart& start) const {
  const SequenceNumber last = start.saved ? start.saved->place.number : kNoNumber;
  if (start.number_of)
    return std::make_unique<CountedTailReader>(last, config().event_types.empty(), start.number_of);
  return std::make_unique<EventTailReader>(last);
}

/// A copy of what the server may send again, as far as the verifier remembers anyway.
void FileSink::look_back(AppendFile& file, std::uint64_t from) {
  constexpr std::uint64_t kMost = 1024 * 1024;
  if (auto held = events_at_end(file, std::min(kMost, file.size() - from)))
    held_ = std::move(*held);
}

}  // namespace gcstreamd
