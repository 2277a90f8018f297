#pragma once

#include <boost/system/error_code.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/sinks/mark.hpp"

namespace gcstreamd {

/// What a stream keeps over a restart.
struct SavedPosition {
  std::string org;       ///< the client id that the numbers belong to
  std::string endpoint;  ///< the stream's URL, likewise
  Place place;
  std::optional<WallTime> timestamp;  ///< of an event at or after the place
  std::vector<std::string> filter;    ///< event types that the numbers count; empty: unknown
  /// What an operator wished: from the tip, or after the place's number, even after 0.
  enum class Wish { none, tip, number };
  Wish wish = Wish::none;
  std::map<std::string, ChainHead> heads;  ///< by audit sink
  bool operator==(const SavedPosition&) const = default;
};

/// One JSON object with a checksum, and back; empty for anything damaged or of another version.
std::string serialize(const SavedPosition& position);
std::optional<SavedPosition> parse_position(std::string_view text);

/// Replaces the file atomically: temporary file, fsync, rename, fsync of the directory.
boost::system::error_code save_file(const std::string& path, std::string_view text);

}  // namespace gcstreamd
