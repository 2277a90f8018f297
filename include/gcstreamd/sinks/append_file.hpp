#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gcstreamd {

/// Tells whether a path still names the same file.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  bool operator==(const FileId&) const = default;
};

/// A file that only grows: the one seam between sinks and the file system, so that tests can
/// inject faults. All calls but `sync` are made by the loop's thread; `sync` by the pool's.
class AppendFile {
 public:
  virtual ~AppendFile() = default;

  /// Writes all of `bytes`, or leaves the file as it was.
  virtual boost::system::error_code append(std::string_view bytes) = 0;
  /// Makes what was appended durable, and the name of a file that was new. After a failure the
  /// object may be read and cut, and nothing else.
  virtual boost::system::error_code sync() = 0;
  /// Cuts the file back to `size` bytes.
  virtual boost::system::error_code truncate(std::uint64_t size) = 0;
  virtual std::uint64_t size() const = 0;
  /// The bytes from `from` up to `to`; fewer where the file is shorter.
  virtual boost::system::result<std::string> read(std::uint64_t from, std::uint64_t to) = 0;
  virtual FileId id() const = 0;
};

using FileOpener = std::function<boost::system::result<std::shared_ptr<AppendFile>>(
    const std::string& path, unsigned mode)>;

/// Opens by POSIX, creating the file with `mode` (less the umask).
boost::system::result<std::shared_ptr<AppendFile>> open_append_file(const std::string& path,
                                                                    unsigned mode);

using FileFinder = std::function<boost::system::result<FileId>(const std::string& path)>;

/// The file that has this name now.
boost::system::result<FileId> find_file(const std::string& path);

/// The end of a file of lines, looked at when it is opened.
struct Tail {
  std::string last_line;         ///< the last whole line without its line break, or ""
  std::uint64_t torn_bytes = 0;  ///< of an unfinished line behind it, moved away
  std::string moved_to;          ///< where that is now
};

/// Finds the last whole line; an unfinished one behind it is moved to `PATH.torn-TIME`, so that
/// nothing is ever appended to it. A file that is absent or not a regular one has an empty tail.
boost::system::result<Tail> recover_tail(const std::string& path, const std::string& time);

}  // namespace gcstreamd
