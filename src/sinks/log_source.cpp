#include "gcstreamd/sinks/log_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "gcstreamd/core/errors.hpp"
#include "log_sources.hpp"

namespace gcstreamd {
namespace {

enum class Form { plain, gzip, zstd };

Form form_of(int fd) {
  std::array<unsigned char, 4> magic{};
  if (::pread(fd, magic.data(), magic.size(), 0) != static_cast<ssize_t>(magic.size()))
    return Form::plain;
  if (magic[0] == 0x1F && magic[1] == 0x8B)
    return Form::gzip;
  const bool frame = magic == std::array<unsigned char, 4>{0x28, 0xB5, 0x2F, 0xFD};
  const bool skippable = (magic[0] & 0xF0U) == 0x50 && magic[1] == 0x2A && magic[2] == 0x4D &&
                         magic[3] == 0x18;  // what parallel compressors begin with
  return frame || skippable ? Form::zstd : Form::plain;
}

OpenedLog unreadable(std::string what) {
  OpenedLog log;
  log.fault = {ReadFault::Kind::unreadable, std::move(what)};
  return log;
}

}  // namespace

std::size_t PlainSource::read(char* to, std::size_t room) {
  ssize_t got = ::read(file_.get(), to, room);
  while (got < 0 && errno == EINTR)
    got = ::read(file_.get(), to, room);
  if (got < 0) {
    fault_ = {ReadFault::Kind::unreadable, describe_errno(errno)};
    return 0;
  }
  consumed_ += static_cast<std::uint64_t>(got);
  return static_cast<std::size_t>(got);
}

Decompressor::Decompressor(std::unique_ptr<PlainSource> stored)
    : stored_(std::move(stored)), block_(std::size_t{256} * 1024) {}

bool Decompressor::fill() {
  if (at_ < end_)
    return true;
  at_ = 0;
  end_ = stored_->read(reinterpret_cast<char*>(block_.data()), block_.size());
  if (end_ == 0 && !failed())
    fault_ = stored_->fault();
  return end_ > 0;
}

std::size_t Decompressor::fail(ReadFault::Kind kind, std::string what) {
  if (!failed())
    fault_ = {kind, std::move(what)};
  return 0;
}

OpenedLog open_log(const std::string& path) {
  // A pipe must not make us wait for its writer: what is no file is refused.
  auto stored = std::make_unique<PlainSource>(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status {};
  if (stored->descriptor() < 0 || ::fstat(stored->descriptor(), &status) != 0)
    return unreadable(describe_errno(errno));
  if (S_ISDIR(status.st_mode))
    return unreadable("it is a directory: name the files in it");
  if (!S_ISREG(status.st_mode))
    return unreadable("it is not a regular file");
  ::posix_fadvise(stored->descriptor(), 0, 0, POSIX_FADV_SEQUENTIAL);
  OpenedLog log;
  log.id = {status.st_dev, status.st_ino};
  log.stored = static_cast<std::uint64_t>(status.st_size);
  const Form form = form_of(stored->descriptor());
  log.compressed = form != Form::plain;
  log.source = form == Form::gzip   ? make_gzip_source(std::move(stored))
               : form == Form::zstd ? make_zstd_source(std::move(stored))
                                    : std::move(stored);
  return log;
}

}  // namespace gcstreamd
