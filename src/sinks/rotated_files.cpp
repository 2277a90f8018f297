#include "gcstreamd/sinks/rotated_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "posix.hpp"

namespace gcstreamd {
namespace {

using boost::system::error_code;
using std::filesystem::path;

/// Where a live file lies, and the first part of its rotated files' names.
struct Place {
  std::string directory;
  std::string base;
};

Place place_of(const std::string& live) {
  const path real = behind_links(live);
  const path parent = real.parent_path();
  return {parent.empty() ? "." : parent.string(), real.filename().string()};
}

boost::system::result<std::vector<std::string>> rotated_names(const Place& place) {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator at(place.directory, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    std::string name = at->path().filename().string();
    if (parse_rotated_name(place.base, name))
      names.push_back(std::move(name));
  }
  if (error)
    return system_error_of(error);
  std::sort(names.begin(), names.end());
  return names;
}

bool lacks_no_replace(int number) {
  return number == EINVAL || number == ENOSYS;
}

std::chrono::nanoseconds since_epoch(const struct statx_timestamp& time) {
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

}  // namespace

std::string behind_links(const std::string& name) {
  constexpr int kMostLinks = 40;  // as the kernel
  path at = name;
  for (int i = 0; i < kMostLinks; ++i) {
    std::error_code error;
    const path target = std::filesystem::read_symlink(at, error);
    if (error)
      break;
    at = at.parent_path() / target;
  }
  return at.string();
}

boost::system::result<std::vector<RotatedFile>> list_rotated(const std::string& live) {
  const Place place = place_of(live);
  const auto names = rotated_names(place);
  if (!names)
    return names.error();
  std::vector<RotatedFile> files;
  for (const std::string& name : *names) {
    struct stat status {};
    if (::lstat((path(place.directory) / name).c_str(), &status) != 0) {
      if (errno == ENOENT)
        continue;
      return last_error();
    }
    if (S_ISREG(status.st_mode))
      files.push_back({name, static_cast<std::uint64_t>(status.st_size)});
  }
  return files;
}

boost::system::result<std::string> newest_rotated(const std::string& live) {
  const auto names = rotated_names(place_of(live));
  if (!names)
    return names.error();
  return names->empty() ? std::string() : names->back();
}

boost::system::result<std::string> rotate_file(const std::string& live, WallTime wall) {
  const std::string from = behind_links(live);
  struct stat status {};
  if (::lstat(from.c_str(), &status) != 0)
    return last_error();
  if (!S_ISREG(status.st_mode))
    return boost::system::errc::make_error_code(boost::system::errc::operation_not_supported);
  const Place place = place_of(live);
  const auto names = rotated_names(place);
  if (!names)
    return names.error();
  std::string to = path(place.directory) / next_rotated_name(place.base, *names, wall);
  if (const auto error = rename_no_replace(from, to))
    return error;
  return to;
}

error_code rename_no_replace(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
    return {};
  return lacks_no_replace(errno) ? rename_to_reserved(from, to) : last_error();
}

error_code rename_to_reserved(const std::string& from, const std::string& to) {
  const Descriptor reserved(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!reserved.ok())
    return last_error();
  if (::rename(from.c_str(), to.c_str()) == 0)
    return {};
  const error_code error = last_error();
  ::unlink(to.c_str());
  return error;
}

boost::system::result<std::chrono::nanoseconds> file_age(const std::string& live) {
  struct statx status {};
  if (::statx(AT_FDCWD, live.c_str(), AT_STATX_SYNC_AS_STAT, STATX_BTIME | STATX_MTIME, &status) !=
      0)
    return last_error();
  const bool knows_birth = (status.stx_mask & STATX_BTIME) != 0;
  const auto begun = since_epoch(knows_birth ? status.stx_btime : status.stx_mtime);
  const std::chrono::nanoseconds now = std::chrono::system_clock::now().time_since_epoch();
  return std::max(now - begun, std::chrono::nanoseconds{0});
}

boost::system::result<DiskSpace> disk_space(const std::string& live) {
  struct statvfs status {};
  if (::statvfs(place_of(live).directory.c_str(), &status) != 0)
    return last_error();
  return DiskSpace{status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize};
}

}  // namespace gcstreamd
