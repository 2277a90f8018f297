#include "gcstreamd/sinks/tail.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gcstreamd/core/protocol.hpp"

namespace gcstreamd {
namespace {

using boost::system::error_code;
using boost::system::result;

constexpr std::uint64_t kBlock = 256 * 1024;

/// The whole lines between two offsets of a file. Holds one block, or the longest line.
class Lines {
 public:
  Lines(AppendFile& file, std::uint64_t from, std::uint64_t to)
      : file_(file), read_to_(from), end_(to) {}

  /// The next line without its end, with Protocol::kPadding bytes behind it; empty: no more.
  result<std::optional<std::string_view>> next() {
    at_ += std::exchange(taken_, 0);
    std::size_t searched = at_;
    std::size_t end = 0;
    while ((end = buffer_.find('\n', searched)) == std::string::npos) {
      buffer_.erase(0, std::exchange(at_, 0));
      searched = buffer_.size();
      const auto block = file_.read(read_to_, std::min(end_, read_to_ + kBlock));
      if (!block)
        return block.error();
      if (block->empty())
        return std::optional<std::string_view>{};
      buffer_.reserve(buffer_.size() + block->size() + Protocol::kPadding);
      buffer_ += *block;
      read_to_ += block->size();
    }
    taken_ = end + 1 - at_;
    return std::string_view(buffer_).substr(at_, end - at_);
  }

  /// Of the last line.
  std::uint64_t start() const { return read_to_ - buffer_.size() + at_; }

 private:
  AppendFile& file_;
  std::uint64_t read_to_;
  std::uint64_t end_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t taken_ = 0;
};

/// The last line break before `end`, plus one; 0 when there is none. Reads backwards in blocks.
result<std::uint64_t> line_start_before(AppendFile& file, std::uint64_t end) {
  while (end > 0) {
    const std::uint64_t from = end - std::min(end, kBlock);
    const auto block = file.read(from, end);
    if (!block)
      return block.error();
    if (const auto at = block->rfind('\n'); at != std::string::npos)
      return from + at + 1;
    end = from;
  }
  return std::uint64_t{0};
}

enum class Durably { yes, no };

/// What follows `from` goes to a file of its own first, so that nothing of it is gone meanwhile.
result<SinkRepair> move_end(Disk& disk, AppendFile& file, const std::string& path,
                            std::uint64_t from, const std::string& time, Durably durably) {
  const SinkRepair repair{path, file.size() - from, path + ".torn-" + time};
  const auto target = disk.open(repair.moved_to, file.mode());
  if (!target)
    return target.error();
  for (std::uint64_t at = from; at < file.size(); at += kBlock) {
    const auto block = file.read(at, std::min(file.size(), at + kBlock));
    if (!block)
      return block.error();
    if (const auto error = (*target)->append(*block))
      return error;
  }
  if (durably == Durably::yes) {
    if (const auto error = (*target)->sync())
      return error;
    if (const auto error = disk.sync_directory(repair.moved_to))
      return error;
  }
  if (const auto error = file.truncate(from))
    return error;
  return repair;
}

}  // namespace

result<std::vector<HeldEvent>> events_at_end(AppendFile& file, std::uint64_t bytes) {
  std::vector<HeldEvent> held;
  const bool whole = file.size() <= bytes;
  Lines lines(file, whole ? 0 : file.size() - bytes, file.size());
  EventTailReader reader(kNoNumber);
  bool cut = !whole;  // the first line began before
  while (true) {
    const auto line = lines.next();
    if (!line)
      return line.error();
    if (!*line)
      return held;
    if (std::exchange(cut, false))
      continue;
    auto facts = reader.read(**line);
    if (!facts.fault.empty()) {  // of an epoch before
      held.clear();
      reader.jump();
      facts = reader.read(**line);
    }
    if (facts.fault.empty() && facts.number != kNoNumber)
      held.push_back({facts.number, facts.content});
  }
}

result<std::optional<SinkRepair>> clear_torn_end(Disk& disk, AppendFile& file,
                                                 const std::string& path, const std::string& time) {
  if (!file.regular())
    return std::optional<SinkRepair>{};
  const auto end = line_start_before(file, file.size());
  if (!end)
    return end.error();
  if (*end == file.size())
    return std::optional<SinkRepair>{};
  const auto repair = move_end(disk, file, path, *end, time, Durably::no);
  return repair ? result<std::optional<SinkRepair>>(*repair) : repair.error();
}

result<std::shared_ptr<AppendFile>> TailRecovery::run(const std::string& path, unsigned mode,
                                                      const std::optional<SavedSink>& saved) {
  auto file = disk_.open(path, mode);
  if (!file || !(*file)->regular())
    return file;
  error_code error;
  if (!saved)
    error = read_last_line(**file, path);
  else if (saved->file == FileId{})
    error = read_others_last_line(**file, path);
  else if ((*file)->id() == saved->file)
    error = read_same(**file, path, *saved);
  else
    error = read_moved(**file, path, *saved);
  return error ? error : file;
}

error_code TailRecovery::read_saved(AppendFile& file, const std::string& path,
                                    const SavedSink& saved, bool& there) {
  there = file.size() >= saved.offset;
  if (there && saved.offset > 0) {
    const auto before = file.read(saved.offset - 1, saved.offset);
    if (!before)
      return before.error();
    there = *before == "\n";
  }
  return there ? read_from(file, path, saved.offset) : error_code();
}

/// A file that is shorter than it was, or whose saved place is within a line now, is somebody's
/// work: its last line may be anybody's.
error_code TailRecovery::read_same(AppendFile& file, const std::string& path,
                                   const SavedSink& saved) {
  bool there = false;
  const auto error = read_saved(file, path, saved, there);
  if (error || there)
    return error;
  if (const auto fault = measure_cut(file, saved))
    return fault;
  return read_others_last_line(file, path);
}

/// The sink's own lines of the epoch begin at `epoch_offset`.
error_code TailRecovery::measure_cut(AppendFile& file, const SavedSink& saved) {
  if (file.size() >= saved.offset || saved.offset <= saved.epoch_offset)
    return {};
  LineFacts left;
  if (file.size() > saved.epoch_offset)
    if (const auto error = find_number(file, saved.epoch_offset, left))
      return error;
  CutFile missing{saved.offset - file.size(), kNoNumber, saved.place.number};
  if (left.number != kNoNumber)
    missing.from = left.number + 1;
  if (missing.from <= missing.to)
    cut = missing;
  return {};
}

error_code TailRecovery::read_moved(AppendFile& file, const std::string& path,
                                    const SavedSink& saved) {
  if (const std::string moved = find_moved(path, saved); !moved.empty()) {
    const auto old = disk_.open(moved, file.mode());
    if (!old)
      return old.error();
    bool there = false;
    if (const auto error = read_saved(**old, moved, saved, there))
      return error;
    if (there && options_.running)
      unsynced.push_back(*old);
    else if (const auto error = there ? (*old)->sync() : measure_cut(**old, saved))
      return error;
  }
  return read_others_last_line(file, path);
}

/// What is known of our own lines stays.
error_code TailRecovery::read_others_last_line(AppendFile& file, const std::string& path) {
  const auto known = std::tuple(first, last, timestamp);
  const auto error = read_last_line(file, path);
  std::tie(first, last, timestamp) = known;
  return error;
}

std::string TailRecovery::find_moved(const std::string& path, const SavedSink& saved) {
  if (const auto found = disk_.find(saved.path); found && *found == saved.file)
    return saved.path;
  std::string found = disk_.find_by_id(path, saved.file);
  return found.empty() ? disk_.find_by_id(saved.path, saved.file) : found;
}

/// Where the file was not known, its last line may be anybody's.
error_code TailRecovery::read_last_line(AppendFile& file, const std::string& path) {
  reader_.jump();
  const auto end = line_start_before(file, file.size());
  if (!end)
    return end.error();
  const auto start = line_start_before(file, *end - std::min<std::uint64_t>(*end, 1));
  if (!start)
    return start.error();
  Lines lines(file, *start, *end);
  const auto line = lines.next();
  if (!line)
    return line.error();
  LineFacts facts = *line ? reader_.read(**line) : LineFacts{};
  if (options_.trust_tail && facts.number == kNoNumber)
    if (const auto error = find_number(file, 0, facts))
      return error;
  if (facts.fault.empty())
    take(facts);
  return *end < file.size() ? move_away(file, path, *end) : error_code();
}

/// The last line with a number behind `floor`, which is where a line begins. Looks further and
/// further back, up to kFurthestBack. `found` stays as it was where there is none.
error_code TailRecovery::find_number(AppendFile& file, std::uint64_t floor, LineFacts& found) {
  const auto end = line_start_before(file, file.size());
  if (!end)
    return end.error();
  constexpr std::uint64_t kFurther = 4;
  for (std::uint64_t window = kBlock; *end > floor; window *= kFurther) {
    const std::uint64_t from = *end - std::min({window, kFurthestBack, *end - floor});
    reader_.jump();
    Lines lines(file, from, *end);
    auto line = from > floor ? lines.next() : std::optional<std::string_view>{};  // it is cut
    while (line && (line = lines.next()) && *line) {
      LineFacts facts = reader_.read(**line);
      if (!facts.fault.empty()) {  // of an epoch or a chain before
        reader_.jump();
        facts = reader_.read(**line);
      }
      if (facts.fault.empty() && facts.number != kNoNumber)
        found = std::move(facts);
    }
    if (!line)
      return line.error();
    if (found.number != kNoNumber || from == floor || window >= kFurthestBack)
      break;
  }
  return {};
}

error_code TailRecovery::read_from(AppendFile& file, const std::string& path, std::uint64_t from) {
  const auto end = line_start_before(file, file.size());
  if (!end)
    return end.error();
  Lines lines(file, from, *end);
  while (true) {
    const auto line = lines.next();
    if (!line)
      return line.error();
    if (!*line)
      return *end < file.size() ? move_away(file, path, *end) : error_code();
    const LineFacts facts = reader_.read(**line);
    if (facts.fault.empty())
      take(facts);
    else
      return (*line)->find('\0') != std::string_view::npos
                 ? move_away(file, path, lines.start())
                 : damaged(path, lines.start(), facts.fault);
  }
}

error_code TailRecovery::damaged(const std::string& path, std::uint64_t at,
                                 std::string_view fault) {
  damage = fmt::format(
      "{0}: damaged at byte {1}: {2}; look at it there; to go on without what follows that byte: "
      "cp -p '{0}' '{0}.damaged' && truncate -s {1} '{0}'",
      path, at, fault);
  return boost::system::errc::make_error_code(boost::system::errc::bad_message);
}

error_code TailRecovery::move_away(AppendFile& file, const std::string& path, std::uint64_t from) {
  const auto durably = options_.running ? Durably::no : Durably::yes;
  auto repair = move_end(disk_, file, path, from, options_.time, durably);
  if (!repair)
    return repair.error();
  repairs.push_back(std::move(*repair));
  return {};
}

void TailRecovery::take(const LineFacts& facts) {
  if (facts.timestamp)
    timestamp = facts.timestamp;
  if (facts.number == kNoNumber)
    return;
  if (first == kNoNumber)
    first = facts.number;
  last = std::max(last, facts.number);
}

}  // namespace gcstreamd
