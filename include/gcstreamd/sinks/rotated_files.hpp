#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "gcstreamd/core/free_space.hpp"
#include "gcstreamd/core/rotation.hpp"

namespace gcstreamd {

/// What rotation asks of the file system. All calls may wait for the disk. A `path` is a sink's, as
/// it is configured: where it is a symbolic link, the file behind it is meant, and its rotated
/// files lie beside that.

/// `path` with the links at its end followed, also where nothing is behind the last one.
std::string behind_links(const std::string& path);

/// The rotated files of `path`, regular ones alone, the oldest first.
boost::system::result<std::vector<RotatedFile>> list_rotated(const std::string& path);
/// The name of the newest one, without a directory; "" where there is none. Reads names only.
boost::system::result<std::string> newest_rotated(const std::string& path);

/// Gives the live file its next rotated name, and returns that with its directory. Nothing is ever
/// overwritten. The name is durable once the directory is synced, as it is with a new live file.
/// Anything but a regular file fails with operation_not_supported.
boost::system::result<std::string> rotate_file(const std::string& path, WallTime wall);

/// Renames within a directory; file_exists where `to` is taken. A file system without
/// RENAME_NOREPLACE has the name reserved by an empty file first, which a crash may leave behind:
/// never two names for one content.
boost::system::error_code rename_no_replace(const std::string& from, const std::string& to);
/// The way of such file systems, for tests.
boost::system::error_code rename_to_reserved(const std::string& from, const std::string& to);

/// How long ago the file was begun, 0 or more: since its birth where the file system knows it, else
/// since its last change.
boost::system::result<std::chrono::nanoseconds> file_age(const std::string& path);

/// Of the file system that `path` lies on, also where the file itself is absent. Room reserved for
/// root is not free.
boost::system::result<DiskSpace> disk_space(const std::string& path);

}  // namespace gcstreamd
