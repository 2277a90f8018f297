#include "gcstreamd/sinks/append_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

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

FileId id_of(const struct stat& status) {
  return {status.st_dev, status.st_ino};
}

class PosixAppendFile : public AppendFile {
 public:
  PosixAppendFile(int fd, const struct stat& status, const std::string& path)
      : fd_(fd),
        size_(static_cast<std::uint64_t>(status.st_size)),
        regular_(S_ISREG(status.st_mode)),
        id_(id_of(status)),
        new_name_(regular_ && size_ == 0 ? path : std::string()) {}

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
    // A new file is found after a power loss only once its directory is durable.
    if (!new_name_.empty())
      static_cast<void>(sync_parent(std::exchange(new_name_, {})));
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

 private:
  Descriptor fd_;
  std::uint64_t size_;
  bool regular_;
  FileId id_;
  std::string new_name_;  ///< used by `sync` alone
};

struct Found {
  std::uint64_t start = 0;  ///< of the last whole line
  std::uint64_t end = 0;    ///< behind its line break
};

constexpr std::size_t kBlock = 64 * 1024;

/// The last line break before `end`, plus one; 0 when there is none. Reads backwards in blocks.
boost::system::result<std::uint64_t> line_start_before(int fd, std::uint64_t end) {
  while (end > 0) {
    const std::uint64_t from = end > kBlock ? end - kBlock : 0;
    const auto block = read_at(fd, from, end);
    if (!block)
      return block.error();
    if (const auto at = block->rfind('\n'); at != std::string::npos)
      return from + at + 1;
    end = from;
  }
  return std::uint64_t{0};
}

boost::system::result<Found> find_last_line(int fd, std::uint64_t size) {
  Found found;
  const auto end = line_start_before(fd, size);
  if (!end)
    return end.error();
  found.end = *end;
  if (*end == 0)
    return found;
  const auto start = line_start_before(fd, *end - 1);
  if (!start)
    return start.error();
  found.start = *start;
  return found;
}

error_code move_torn_end(int fd, std::uint64_t from, std::uint64_t to, const std::string& target,
                         mode_t mode) {
  const Descriptor out(::open(target.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode));
  if (!out.ok())
    return last_error();
  for (std::uint64_t at = from; at < to; at += kBlock) {
    const auto block = read_at(fd, at, std::min<std::uint64_t>(to, at + kBlock));
    if (!block)
      return block.error();
    if (const auto error = write_all(out.get(), *block))
      return error;
  }
  if (::fsync(out.get()) != 0 || ::ftruncate(fd, static_cast<off_t>(from)) != 0)
    return last_error();
  return {};
}

}  // namespace

boost::system::result<std::shared_ptr<AppendFile>> open_append_file(const std::string& path,
                                                                    unsigned mode) {
  const int fd =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
  if (fd < 0)
    return last_error();
  struct stat status {};
  if (::fstat(fd, &status) != 0) {
    const error_code error = last_error();
    ::close(fd);
    return error;
  }
  return std::make_shared<PosixAppendFile>(fd, status, path);
}

boost::system::result<FileId> find_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return last_error();
  return id_of(status);
}

boost::system::result<Tail> recover_tail(const std::string& path, const std::string& time) {
  Tail tail;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return errno == ENOENT ? boost::system::result<Tail>(tail) : last_error();
  if (!S_ISREG(status.st_mode))
    return tail;
  const Descriptor fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd.ok())
    return last_error();
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const auto found = find_last_line(fd.get(), size);
  if (!found)
    return found.error();
  if (found->end > 0) {
    const auto line = read_at(fd.get(), found->start, found->end - 1);
    if (!line)
      return line.error();
    tail.last_line = *line;
  }
  if (found->end == size)
    return tail;
  tail.torn_bytes = size - found->end;
  tail.moved_to = path + ".torn-" + time;
  if (const auto error =
          move_torn_end(fd.get(), found->end, size, tail.moved_to, status.st_mode & 0777U))
    return error;
  return tail;
}

}  // namespace gcstreamd
