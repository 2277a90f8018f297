#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "gcstreamd/sinks/append_file.hpp"

namespace gcstreamd {

/// What sinks and positions need of a file system: the one seam between them and it, so that tests
/// can inject faults and crashes into every call. May be called on several threads at a time, for
/// different files.
class Disk {
 public:
  virtual ~Disk() = default;

  /// Opens for appending and reading, creating the file with `mode` (less the umask).
  virtual boost::system::result<std::shared_ptr<AppendFile>> open(const std::string& path,
                                                                  unsigned mode) = 0;
  /// A small file's whole content; file_too_large beyond 16 MiB.
  virtual boost::system::result<std::string> load(const std::string& path) = 0;
  /// The file that has this name now.
  virtual boost::system::result<FileId> find(const std::string& path) = 0;
  /// Where in the directory of `path` the file `id` is; "" where it is not.
  virtual std::string find_by_id(const std::string& path, const FileId& id) = 0;
  /// Gives a live file its next rotated name, and returns that. Nothing is ever overwritten.
  virtual boost::system::result<std::string> rotate(const std::string& path, WallTime wall) = 0;
  /// How long ago the file was begun, as far as that is known.
  virtual std::chrono::nanoseconds age(const std::string& path) = 0;
  /// Gives a file another name, whose file is gone then; all or nothing.
  virtual boost::system::error_code replace(const std::string& from, const std::string& to) = 0;
  /// Makes the names in the directory of `path` durable.
  virtual boost::system::error_code sync_directory(const std::string& path) = 0;
};

/// The system's own, by POSIX.
class PosixDisk : public Disk {
 public:
  boost::system::result<std::shared_ptr<AppendFile>> open(const std::string& path,
                                                          unsigned mode) override;
  boost::system::result<std::string> load(const std::string& path) override;
  boost::system::result<FileId> find(const std::string& path) override;
  std::string find_by_id(const std::string& path, const FileId& id) override;
  boost::system::result<std::string> rotate(const std::string& path, WallTime wall) override;
  std::chrono::nanoseconds age(const std::string& path) override;
  boost::system::error_code replace(const std::string& from, const std::string& to) override;
  boost::system::error_code sync_directory(const std::string& path) override;
};

}  // namespace gcstreamd
