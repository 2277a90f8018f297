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
  std::size_t content = 0;  ///< as SequenceVerifier remembers it
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
/// Where the saved file has another name by now, it is read there. What has its old name is
/// somebody else's: a file that a sink enters is saved before it is written to.
///
/// A file that is shorter than was saved goes on at its end, and `cut` tells what is gone.
class TailRecovery {
 public:
  struct Options {
    std::string time;         ///< for names
    bool trust_tail = false;  ///< as SinkStart's: a number is looked for further back, too
    bool running = false;     ///< as SinkStart's: see `unsynced`
  };
  /// `reader` outlives it and stands at the saved place.
  TailRecovery(Disk& disk, TailReader& reader, Options options)
      : disk_(disk), reader_(reader), options_(std::move(options)) {}

  /// The file at `path`, open and ready to be appended to. An error where it cannot be read, or is
  /// damaged: bad_message, and `damage` has the words.
  boost::system::result<std::shared_ptr<AppendFile>> run(const std::string& path, unsigned mode,
                                                         const std::optional<SavedSink>& saved);
  std::string damage;
  std::vector<SinkRepair> repairs;
  SequenceNumber first = kNoNumber;  ///< of the numbers that were found behind the saved place
  SequenceNumber last = kNoNumber;
  std::optional<WallTime> timestamp;  ///< of the last event found
  std::optional<CutFile> cut;
  /// While the loop runs nothing is synced here: what has to be before the file is used.
  std::vector<std::shared_ptr<AppendFile>> unsynced;

  /// How far back a number is looked for where no position is left.
  static constexpr std::uint64_t kFurthestBack = 64 * 1024 * 1024;

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
  boost::system::error_code find_number(AppendFile& file, std::uint64_t floor, LineFacts& found);
  boost::system::error_code measure_cut(AppendFile& file, const SavedSink& saved);
  boost::system::error_code move_away(AppendFile& file, const std::string& path,
                                      std::uint64_t from);
  boost::system::error_code damaged(const std::string& path, std::uint64_t at,
                                    std::string_view fault);
  void take(const LineFacts& facts);

  Disk& disk_;
  TailReader& reader_;
  Options options_;
};

}  // namespace gcstreamd
