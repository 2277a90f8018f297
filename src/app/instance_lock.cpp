#include "gcstreamd/app/instance_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gcstreamd {

InstanceLock::~InstanceLock() {
  if (fd_ >= 0)
    ::close(fd_);
}

InstanceLock::Result InstanceLock::acquire(const std::filesystem::path& state_dir,
                                           boost::system::error_code& error) {
  constexpr mode_t kDirectoryMode = 0750;
  constexpr mode_t kFileMode = 0640;
  std::error_code parents;
  std::filesystem::create_directories(std::filesystem::absolute(state_dir).parent_path(), parents);
  const bool made = ::mkdir(state_dir.c_str(), kDirectoryMode) == 0 || errno == EEXIST;
  if (made)
    fd_ = ::open((state_dir / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  if (fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) == 0)
    return Result::held;
  error = {errno, boost::system::system_category()};
  return fd_ >= 0 && errno == EWOULDBLOCK ? Result::taken : Result::failed;
}

}  // namespace gcstreamd
