#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gcstreamd/sinks/append_file.hpp"

namespace gcstreamd {

/// Why a log's bytes end before their end.
struct ReadFault {
  enum class Kind {
    none,
    unreadable,  ///< the file, or a form that we cannot read: nothing is said of the log
    damaged,     ///< the compressed data are cut off or changed
  };
  Kind kind = Kind::none;
  std::string what;
};

/// The bytes of one log file in order, decompressed where they are compressed. Memory is bounded by
/// what the compression needs (zstd: windows up to 128 MiB).
class LogSource {
 public:
  virtual ~LogSource() = default;

  /// Reads up to `room` bytes. 0: the end, or a fault.
  virtual std::size_t read(char* to, std::size_t room) = 0;
  virtual ReadFault fault() const = 0;
  /// How much of the file, as it is stored, was used by now.
  virtual std::uint64_t consumed() const = 0;
};

struct OpenedLog {
  std::unique_ptr<LogSource> source;  ///< null: see fault
  ReadFault fault;
  FileId id;
  std::uint64_t stored = 0;  ///< the file's size
  bool compressed = false;
};

/// Opens a log; its first bytes, not its name, tell whether it is plain, gzip or zstd.
OpenedLog open_log(const std::string& path);

}  // namespace gcstreamd
