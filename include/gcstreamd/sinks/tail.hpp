#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gcstreamd/sinks/disk.hpp"
#include "gcstreamd/sinks/tail_reader.hpp"

namespace gcstreamd {

/// An event that a file holds, for telling whether another one is the same.
struct HeldEvent {
  SequenceNumber number = kNoNumber;
  std::size_t content = 0;
};

/// The events at the end of a file of events, the newest last, as far as their numbers grow: of the
/// last `bytes`.
boost::system::result<std::vector<HeldEvent>> events_at_end(AppendFile& file, std::uint64_t bytes);

/// Moves an unfinished last line away from the end of a file that somebody else wrote. Does not
/// wait for the disk.
boost::system::result<std::optional<SinkRepair>> clear_torn_end(Disk& disk, AppendFile& file,
                                                                const std::string& path,
                                                                const std::string& time);

/// Looks at the end of a file of lines before it is appended to: finds up to where it holds its
/// stream, and moves an unfinished end to `PATH.torn-TIME`, so that nothing is ever appended to it.
///
/// What follows the place that was saved with the position is read line by line. Without one, only
/// the last line is, whoever wrote it: constant time, however large the file. A last line without
/// its end, and all that follows a line with NUL bytes (pages that a power loss left unwritten), is
/// torn. Any other line behind the saved place that the sink cannot have written is damage: it is
/// told with its place in the file, nothing is changed, and the file is not to be used.
///
/// Where the saved file has another name by now, it is read there, and the one of its old name is
/// taken for what followed it when its first line says so.
class TailRecovery {
 public:
  /// `reader` outlives it and stands at the saved place. `time`: for names.
  TailRecovery(Disk& disk, TailReader& reader, std::string time)
      : disk_(disk), reader_(reader), time_(std::move(time)) {}

  /// The file at `path`, open and ready to be appended to. An error where it cannot be read, or is
  /// damaged: bad_message, and `damage` has the words.
  boost::system::result<std::shared_ptr<AppendFile>> run(const std::string& path, unsigned mode,
                                                         const std::optional<SavedSink>& saved);
  std::string damage;
  std::vector<SinkRepair> repairs;
  SequenceNumber first = kNoNumber;  ///< of the numbers that were found behind the saved place
  SequenceNumber last = kNoNumber;
  std::optional<WallTime> timestamp;  ///< of the last event found
  std::uint64_t missing_bytes = 0;    ///< by which the file is shorter than was saved

 private:
  boost::system::error_code read_from(AppendFile& file, const std::string& path,
                                      std::uint64_t from);
  boost::system::error_code read_last_line(AppendFile& file, const std::string& path);
  /// `there`: whether the saved place is one in this file.
  boost::system::error_code read_saved(AppendFile& file, const std::string& path,
                                       const SavedSink& saved, bool& there);
  boost::system::error_code read_same(AppendFile& file, const std::string& path,
                                      const SavedSink& saved);
  boost::system::error_code read_moved(AppendFile& file, const std::string& path,
                                       const SavedSink& saved);
  boost::system::error_code read_others_last_line(AppendFile& file, const std::string& path);
  std::string find_moved(const std::string& path, const SavedSink& saved);
  boost::system::error_code look_at_first_line(AppendFile& file, bool& follows);
  boost::system::error_code move_away(AppendFile& file, const std::string& path,
                                      std::uint64_t from);
  boost::system::error_code damaged(const std::string& path, std::uint64_t at,
                                    std::string_view fault);
  void take(const LineFacts& facts);

  Disk& disk_;
  TailReader& reader_;
  std::string time_;
};

}  // namespace gcstreamd
