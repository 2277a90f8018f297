#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// Decides when a live file is rotated. Its age is counted on the steady clock, so that a jump of
/// the wall clock rotates nothing; an empty file has no age and is never rotated.
class RotationTrigger {
 public:
  /// A file of `size` bytes is the live one from now on. `age`: how long ago it was begun, as far
  /// as the file system tells; one below 0 counts as 0.
  void opened(std::uint64_t size, std::chrono::nanoseconds age, SteadyTime now);
  /// The live file has so many bytes now.
  void resized(std::uint64_t size, SteadyTime now);

  /// Whether to rotate before `coming` more bytes are written. With none coming a file is rotated
  /// once it has max_bytes.
  bool due(const RotateConfig& rotate, SteadyTime now, std::uint64_t coming = 0) const;
  /// When age alone makes it due; empty: it never does.
  std::optional<SteadyTime> due_at(const RotateConfig& rotate) const;

 private:
  std::uint64_t size_ = 0;
  SteadyTime begun_;
};

/// The name of a rotated file, taken apart: `BASE.20261123T184455Z-000001`, `.gz` or `.zst` behind
/// it. Names of one base sort as text in the order in which they were rotated.
struct RotatedName {
  std::chrono::sys_seconds time;
  unsigned number = 1;  ///< 1 to 999999
  RotateConfig::Compress compress = RotateConfig::Compress::none;

  bool operator==(const RotatedName&) const = default;
  /// Whether both name the same rotation, compressed or not.
  bool same_rotation(const RotatedName& other) const {
    return time == other.time && number == other.number;
  }
  /// Whether this was rotated before `other`.
  bool before(const RotatedName& other) const {
    return time != other.time ? time < other.time : number < other.number;
  }
};

std::string format_rotated_name(std::string_view base, const RotatedName& name);

/// Empty for every name that is not one of `base`'s rotated files; unfinished compressed ones
/// (`.tmp`) are none.
std::optional<RotatedName> parse_rotated_name(std::string_view base, std::string_view name);

/// Whether a path ends like a rotated file's name, whatever its base.
bool looks_rotated(std::string_view path);

/// The suffix of a compressed file: "", ".gz" or ".zst".
std::string_view suffix_of(RotateConfig::Compress compress);

/// The name for a file that is rotated at `wall`, behind all of the `existing` ones: where the wall
/// clock went back, or within one second, the newest one's time is kept and the number goes up.
/// `existing` may hold any names.
std::string next_rotated_name(std::string_view base, std::span<const std::string> existing,
                              WallTime wall);

struct RotatedFile {
  std::string name;  ///< without a directory
  std::uint64_t bytes = 0;
};

/// Which of `files` to delete for `keep` and `max_total_bytes`, the oldest first. The live file
/// counts towards the total and is never named; a file that is there plain and compressed is one.
/// What does not have a rotated file's name is left alone, and so is an empty file: its name may be
/// taken for a rotation under way.
std::vector<RotatedFile> plan_retention(const RotateConfig& rotate, std::string_view base,
                                        std::span<const RotatedFile> files,
                                        std::uint64_t live_bytes);

}  // namespace gcstreamd
