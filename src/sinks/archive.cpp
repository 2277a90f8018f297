#include "gcstreamd/sinks/archive.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <set>
#include <utility>

#include "compress.hpp"
#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/rotation.hpp"
#include "gcstreamd/sinks/rotated_files.hpp"
#include "posix.hpp"

namespace gcstreamd {
namespace {

using boost::system::error_code;
using Compress = RotateConfig::Compress;
using Kind = ArchiveNews::Kind;
namespace errc = boost::system::errc;

constexpr std::string_view kUnfinished = ".tmp";

/// A file that is gone again unless it was kept.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path)
      : path_(std::move(path)),
        fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)),
        created_(fd_.ok()) {}
  ~TemporaryFile() {
    if (created_)
      ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  bool ok() const { return created_; }
  int get() const { return fd_.get(); }
  /// Makes it durable under its final name.
  error_code keep_as(const std::string& name) {
    if (::fsync(fd_.get()) != 0)
      return last_error();
    if (const auto error = fd_.close())
      return error;
    if (const auto error = rename_no_replace(path_, name))
      return error;
    created_ = false;
    return sync_parent(name);
  }

 private:
  std::string path_;
  Descriptor fd_;
  bool created_;
};

/// Owner, mode and times; who may not give a file away keeps it.
void make_alike(int fd, const struct stat& original) {
  static_cast<void>(::fchown(fd, original.st_uid, original.st_gid) == 0);
  static_cast<void>(::fchmod(fd, original.st_mode & 07777U));
  const timespec times[2] = {original.st_atim, original.st_mtim};
  static_cast<void>(::futimens(fd, times));
}

/// Whether `path` is still the file, and as long, as it was.
bool unchanged(const std::string& path, const struct stat& before) {
  struct stat now {};
  return ::lstat(path.c_str(), &now) == 0 && now.st_dev == before.st_dev &&
         now.st_ino == before.st_ino && now.st_size == before.st_size &&
         now.st_mtim.tv_sec == before.st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == before.st_mtim.tv_nsec;
}

error_code remove_file(const std::string& path) {
  return ::unlink(path.c_str()) == 0 || errno == ENOENT ? error_code() : last_error();
}

boost::system::result<Compressed> compress_file(const std::string& path, Compress way,
                                                const std::function<bool()>& stopped) {
  const Descriptor in(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat original {};
  if (!in.ok() || ::fstat(in.get(), &original) != 0)
    return last_error();
  const std::string target = fmt::format("{}{}", path, suffix_of(way));
  TemporaryFile out(fmt::format("{}{}", target, kUnfinished));
  if (!out.ok())
    return last_error();
  const auto result =
      compress(in.get(), static_cast<std::uint64_t>(original.st_size), out.get(), way, stopped);
  if (!result)
    return result;
  if (!unchanged(path, original))
    return errc::make_error_code(errc::device_or_resource_busy);
  make_alike(out.get(), original);
  if (const auto error = out.keep_as(target))
    return error;
  if (!unchanged(path, original))
    return errc::make_error_code(errc::device_or_resource_busy);
  if (const auto error = remove_file(path))
    return error;
  if (const auto error = sync_parent(path))
    return error;
  return result;
}

bool is_lack_of_space(const error_code& error) {
  return error == errc::no_space_on_device || error.value() == EDQUOT;
}

/// One call of tidy_archive.
class Tidying {
 public:
  Tidying(const ArchiveTask& task, const std::function<bool()>& stopped,
          const std::function<void(ArchiveNews)>& tell)
      : task_(task),
        stopped_(stopped),
        tell_(tell),
        live_(behind_links(task.path)),
        base_(std::filesystem::path(live_).filename().string()),
        finished_(parse_rotated_name(base_, task.finished)) {}

  void run() {
    if (!finished_)
      return;
    clear_unfinished();
    clear_twins();
    RotateConfig by_number;  // what goes anyway is not compressed first
    by_number.keep = task_.rotate.keep;
    retain(by_number);
    compress_all();
    const bool made_room = retain(task_.rotate);
    if (lacked_space_ && made_room)
      compress_all();
  }

 private:
  std::string full(const std::string& name) const {
    return std::filesystem::path(live_).replace_filename(name).string();
  }

  bool is_finished(const RotatedName& name) const {
    return name.before(*finished_) || name.same_rotation(*finished_);
  }

  /// What a crash left of a compression under way.
  void clear_unfinished() {
    const auto directory = std::filesystem::path(live_).parent_path();
    std::error_code error;
    std::filesystem::directory_iterator at(directory.empty() ? "." : directory, error);
    for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
      std::string name = at->path().filename().string();
      if (!name.ends_with(kUnfinished))
        continue;
      const auto parsed =
          parse_rotated_name(base_, name.substr(0, name.size() - kUnfinished.size()));
      if (parsed && parsed->compress != Compress::none)
        check(full(name), remove_file(full(name)));
    }
    if (error)
      fail(live_, system_error_of(error));
  }

  std::vector<RotatedFile> files() {
    auto found = list_rotated(live_);
    if (found)
      return std::move(*found);
    fail(live_, found.error());
    return {};
  }

  /// Finished files that are plain, by name. An empty one holds a name for a rotation.
  std::vector<RotatedFile> plain_files(const std::vector<RotatedFile>& all) const {
    std::vector<RotatedFile> plain;
    for (const RotatedFile& file : all) {
      const auto name = parse_rotated_name(base_, file.name);
      if (name && name->compress == Compress::none && file.bytes > 0 && is_finished(*name))
        plain.push_back(file);
    }
    return plain;
  }

  /// A crash came between a compressed file's last name and the deletion of the plain one: the
  /// plain one is whole, as it is only ever deleted.
  void clear_twins() {
    const auto all = files();
    std::set<std::string, std::less<>> names;
    for (const RotatedFile& file : all)
      names.insert(file.name);
    for (const RotatedFile& file : plain_files(all))
      for (const Compress way : {Compress::gzip, Compress::zstd}) {
        const std::string twin = fmt::format("{}{}", file.name, suffix_of(way));
        if (names.contains(twin))
          check(full(twin), remove_file(full(twin)));
      }
  }

  void compress_all() {
    lacked_space_ = false;
    if (task_.rotate.compress == Compress::none)
      return;
    for (const RotatedFile& file : plain_files(files())) {
      if (stopped_())
        return;
      compress_one(full(file.name));
      if (lacked_space_)  // the others would lack it too
        return;
    }
  }

  void compress_one(const std::string& path) {
    const auto done = compress_file(path, task_.rotate.compress, stopped_);
    if (!done) {
      const bool nothing_to_tell = done.error() == errc::operation_canceled ||
                                   done.error() == errc::no_such_file_or_directory;
      lacked_space_ = is_lack_of_space(done.error());
      if (!nothing_to_tell)
        fail(path, done.error());
      return;
    }
    ArchiveNews news;
    news.kind = Kind::compressed;
    news.path = path;
    news.bytes = done->before;
    news.bytes_after = done->after;
    tell_(std::move(news));
  }

  /// Whether anything was deleted.
  bool retain(const RotateConfig& rotate) {
    if (rotate.keep == 0 && rotate.max_total_bytes == 0)
      return false;
    std::uint64_t untouched = live_bytes();
    std::vector<RotatedFile> finished;
    for (RotatedFile& file : files()) {
      const auto name = parse_rotated_name(base_, file.name);
      if (name && is_finished(*name))
        finished.push_back(std::move(file));
      else
        untouched += file.bytes;
    }
    return remove_all(plan_retention(rotate, base_, finished, untouched));
  }

  bool remove_all(const std::vector<RotatedFile>& doomed) {
    ArchiveNews news;
    news.kind = Kind::deleted;
    news.path = task_.path;
    for (const RotatedFile& file : doomed) {
      if (stopped_() || !check(full(file.name), remove_file(full(file.name))))
        break;  // a newer one never goes before an older one
      if (news.files++ == 0)
        news.first = file.name;
      news.last = file.name;
      news.bytes += file.bytes;
    }
    if (news.files == 0)
      return false;
    check(live_, sync_parent(live_));
    tell_(std::move(news));
    return true;
  }

  std::uint64_t live_bytes() const {
    struct stat status {};
    const bool there = ::stat(live_.c_str(), &status) == 0;
    return there ? static_cast<std::uint64_t>(status.st_size) : 0;
  }

  bool check(const std::string& path, const error_code& error) {
    if (error)
      fail(path, error);
    return !error;
  }

  void fail(const std::string& path, const error_code& error) {
    if (std::exchange(last_told_, error) == error)
      return;
    ArchiveNews news;
    news.path = path;
    news.error = error;
    tell_(std::move(news));
  }

  const ArchiveTask& task_;
  const std::function<bool()>& stopped_;
  const std::function<void(ArchiveNews)>& tell_;
  std::string live_;
  std::string base_;
  std::optional<RotatedName> finished_;
  bool lacked_space_ = false;
  error_code last_told_;
};

}  // namespace

std::string describe(const ArchiveNews& news) {
  switch (news.kind) {
    case Kind::compressed:
      return fmt::format("{}: compressed from {} to {} bytes", news.path, news.bytes,
                         news.bytes_after);
    case Kind::deleted:
      return fmt::format("{}: {} rotated files ({} bytes) deleted, from {} to {}", news.path,
                         news.files, news.bytes, news.first, news.last);
    case Kind::failed:
      return fmt::format("{}: not compressed or not deleted: {}", news.path,
                         describe_errno(news.error.value()));
  }
  return {};
}

std::string_view hint(const ArchiveNews& news) {
  if (news.kind != Kind::failed)
    return "";
  if (is_lack_of_space(news.error))
    return "free space there, or lower rotate.keep or rotate.max_total_bytes: the file stays as it "
           "was and is tried again at the next rotation or reload";
  if (news.error == errc::permission_denied || news.error == errc::operation_not_permitted ||
      news.error == errc::read_only_file_system)
    return "let the daemon create, rename and delete files in that directory: it tries again at "
           "the "
           "next rotation or reload";
  if (news.error == errc::device_or_resource_busy)
    return "something else writes to a rotated file: stop it; the file is tried again at the next "
           "rotation or reload";
  return "the file stays as it was and is tried again at the next rotation or reload; look at the "
         "kernel's log for faults of the disk";
}

void tidy_archive(const ArchiveTask& task, const std::function<bool()>& stopped,
                  const std::function<void(ArchiveNews)>& tell) {
  Tidying(task, stopped, tell).run();
}

}  // namespace gcstreamd
