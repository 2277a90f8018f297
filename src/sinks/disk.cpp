#include "gcstreamd/sinks/disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "gcstreamd/sinks/rotated_files.hpp"
#include "posix.hpp"

namespace gcstreamd {
namespace {

using boost::system::error_code;

boost::system::result<std::string> read_at(int fd, std::uint64_t from, std::uint64_t to) {
  std::string text(to - from, '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got =
        ::pread(fd, text.data() + have, text.size() - have, static_cast<off_t>(from + have));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return last_error();
    if (got == 0)
      break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

/// fsync(2) answers so for files that need no sync: pipes, devices.
bool needs_no_sync(int number) {
  return number == EINVAL || number == EROFS;
}

FileId id_of(const struct statx& status) {
  constexpr std::uint64_t kSecond = 1000000000;
  const bool knows_birth = (status.stx_mask & STATX_BTIME) != 0;
  const auto seconds = static_cast<std::uint64_t>(status.stx_btime.tv_sec);
  return {::makedev(status.stx_dev_major, status.stx_dev_minor), status.stx_ino,
          knows_birth ? seconds * kSecond + status.stx_btime.tv_nsec : 0};
}

constexpr unsigned kWanted = STATX_BASIC_STATS | STATX_BTIME;

class PosixAppendFile : public AppendFile {
 public:
  PosixAppendFile(int fd, const struct statx& status)
      : fd_(fd),
        size_(status.stx_size),
        regular_(S_ISREG(status.stx_mode)),
        mode_(status.stx_mode & 0777U),
        id_(id_of(status)) {}

  error_code append(std::string_view bytes) override {
    const error_code error = write_all(fd_.get(), bytes);
    if (!error) {
      size_ += bytes.size();
      return {};
    }
    // A part may have been written: a torn line must not stay in front of the next one. Where this
    // fails too, whoever opens the file again finds it longer than it should be.
    truncate(size_);
    return error;
  }

  error_code sync() override {
    if (::fdatasync(fd_.get()) != 0 && (regular_ || !needs_no_sync(errno)))
      return last_error();
    return {};
  }

  error_code truncate(std::uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0)
      return last_error();
    size_ = size;
    return {};
  }

  std::uint64_t size() const override { return size_; }

  boost::system::result<std::string> read(std::uint64_t from, std::uint64_t to) override {
    const Descriptor reader(::open(("/proc/self/fd/" + std::to_string(fd_.get())).c_str(),
                                   O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!reader.ok())
      return last_error();
    return read_at(reader.get(), from, to);
  }

  FileId id() const override { return id_; }
  bool regular() const override { return regular_; }
  unsigned mode() const override { return mode_; }

 private:
  Descriptor fd_;
  std::uint64_t size_;
  bool regular_;
  unsigned mode_;
  FileId id_;
};

}  // namespace

boost::system::result<std::shared_ptr<AppendFile>> PosixDisk::open(const std::string& path,
                                                                   unsigned mode) {
  const int fd =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
  if (fd < 0)
    return last_error();
  struct statx status {};
  if (::statx(fd, "", AT_EMPTY_PATH, kWanted, &status) != 0) {
    const error_code error = last_error();
    ::close(fd);
    return error;
  }
  return std::make_shared<PosixAppendFile>(fd, status);
}

boost::system::result<std::string> PosixDisk::load(const std::string& path) {
  constexpr std::uint64_t kMost = 16 * 1024 * 1024;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.ok())
    return last_error();
  auto text = read_at(file.get(), 0, kMost + 1);
  if (text && text->size() > kMost)
    return boost::system::errc::make_error_code(boost::system::errc::file_too_large);
  return text;
}

boost::system::result<FileId> PosixDisk::find(const std::string& path) {
  struct statx status {};
  if (::statx(AT_FDCWD, path.c_str(), 0, kWanted, &status) != 0)
    return last_error();
  return id_of(status);
}

std::string PosixDisk::find_by_id(const std::string& path, const FileId& id) {
  std::error_code error;
  const auto directory = std::filesystem::absolute(behind_links(path), error).parent_path();
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    if (const auto found = find(entry->path().string()); found && *found == id)
      return entry->path().string();
  return {};
}

boost::system::result<std::string> PosixDisk::rotate(const std::string& path, WallTime wall) {
  return rotate_file(path, wall);
}

std::chrono::nanoseconds PosixDisk::age(const std::string& path) {
  const auto age = file_age(path);
  return age ? *age : std::chrono::nanoseconds{0};
}

error_code PosixDisk::sync_directory(const std::string& path) {
  return sync_parent(path);
}

error_code PosixDisk::replace(const std::string& from, const std::string& to) {
  return ::rename(from.c_str(), to.c_str()) == 0 ? error_code() : last_error();
}

}  // namespace gcstreamd
