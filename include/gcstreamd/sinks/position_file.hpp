#pragma once

#include <boost/system/error_code.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/sinks/disk.hpp"
#include "gcstreamd/sinks/mark.hpp"

namespace gcstreamd {

/// What a stream keeps over a restart.
struct SavedPosition {
  std::string org;       ///< the client id that the numbers belong to
  std::string endpoint;  ///< the stream's URL, likewise
  Place place;
  std::optional<WallTime> timestamp;  ///< of an event at or after the place
  std::vector<std::string> filter;    ///< event types that the numbers count; empty: unknown
  /// Where to go on whatever was delivered: from the tip, or after the place's number, even after
  /// 0.
  enum class Wish { none, tip, number };
  Wish wish = Wish::none;
  std::map<std::string, SavedSink> sinks;  ///< by name, where they are files
  bool operator==(const SavedPosition&) const = default;
};

/// One JSON object with a checksum, and back; empty for anything damaged or of another version.
std::string serialize(const SavedPosition& position);
std::optional<SavedPosition> parse_position(std::string_view text);

/// The file of before, kept beside the new one.
std::string previous_of(const std::string& path);

/// Replaces the file atomically: temporary file, fsync, rename, fsync of the directory. What the
/// file was before is `previous_of(path)` afterwards; after a crash in between, or a failure, that
/// is the only one there may be.
boost::system::error_code save_file(Disk& disk, const std::string& path, std::string_view text);

/// The two halves of it: everything that a full disk or a missing permission can fail, then the
/// renaming.
boost::system::error_code prepare_file(Disk& disk, const std::string& path, std::string_view text);
boost::system::error_code put_in_place(Disk& disk, const std::string& path);

}  // namespace gcstreamd
