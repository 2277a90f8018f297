#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gcstreamd/sinks/append_file.hpp"

namespace gcstreamd {

/// A log file after a look at its first two lines.
struct VerifyFile {
  std::string path;
  FileId id;
  std::uint64_t stored = 0;  ///< bytes of the file, compressed or not
  bool compressed = false;
  bool chained = true;  ///< what cannot be read counts as chained: it shall be told as broken
  std::uint64_t n = 0;  ///< of its first record; as the second one tells it, where that links to it
  std::uint64_t told_n = 0;  ///< as the first one tells it
  std::string first;         ///< its first line, without its line break; "" where there is none
  std::string ts;
  std::string stream;
  std::string second_stream;  ///< "" where there is no second record
};

struct VerifyFiles {
  std::vector<VerifyFile> files;        ///< in the order to read them: by first record
  std::vector<std::string> notes;       ///< what was passed over, and why
  std::vector<std::string> unreadable;  ///< `PATH: why`
};

/// Looks at the files that someone named in any order, of several logs and twice perhaps. Passed
/// over with a note: a file that was there before, unfinished lines that were moved away
/// (`.torn-*`), what holds no record, and the shorter of two files of which one is the beginning of
/// the other (as a crash while compressing leaves them).
VerifyFiles look_at(const std::vector<std::string>& paths);

}  // namespace gcstreamd
