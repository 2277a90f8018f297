#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// A place in a stream: the server's numbers begin anew with each epoch.
struct Place {
  std::uint64_t epoch = 0;
  SequenceNumber number = kNoNumber;
  auto operator<=>(const Place&) const = default;
};

/// The last record of an audit chain: its number and hash.
struct ChainHead {
  std::uint64_t n = 0;
  std::string hash = std::string(64, '0');
  bool operator==(const ChainHead&) const = default;
};

/// The last seal of an audit chain: its number and its record's hash.
struct SealHead {
  std::uint64_t number = 0;
  std::string hash = std::string(64, '0');
  bool operator==(const SealHead&) const = default;
};

/// Tells whether a path still names the same file, also after a restart of the machine. The inode's
/// number alone does not: a file that was deleted leaves it to the next new one. Nor does the
/// device's: it may be another one after a restart.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t birth = 0;  ///< ns since 1970; 0 where the file system does not know it

  bool operator==(const FileId& other) const {
    return inode == other.inode && birth == other.birth && (birth != 0 || device == other.device);
  }
};

/// How far a file holds its stream.
struct Mark {
  Place place;
  ChainHead head;
  SealHead seal;
  std::uint64_t offset = 0;        ///< bytes of the file
  std::uint64_t events = 0;        ///< taken since the sink was made
  std::uint64_t record_bytes = 0;  ///< likewise, of records that are no events
};

/// What is kept of a file sink over a restart: up to where its file is durable.
struct SavedSink {
  std::string type;  ///< of the sink; "" where that was not kept
  std::string path;
  FileId file;
  std::uint64_t offset = 0;        ///< bytes
  std::uint64_t epoch_offset = 0;  ///< where in the file the place's epoch began
  Place place;                     ///< that these bytes reach up to
  ChainHead head;                  ///< of an audit sink
  SealHead seal;                   ///< likewise
  bool redacted = false;           ///< some of the lines may not be what was received
  bool operator==(const SavedSink&) const = default;
};

/// A file that is shorter than it was durable before.
struct CutFile {
  std::uint64_t bytes = 0;  ///< that it lacks
  /// The numbers whose events were there, as far as their lines are gone; `from` is 0 where that is
  /// not known.
  SequenceNumber from = kNoNumber;
  SequenceNumber to = kNoNumber;
};

/// An unfinished end of a file that was moved away.
struct SinkRepair {
  std::string path;
  std::uint64_t bytes = 0;
  std::string moved_to;
};

}  // namespace gcstreamd
