#pragma once

#include <boost/system/error_code.hpp>
#include <filesystem>

namespace gcstreamd {

/// The state directory, created where it is absent, and held by one process at a time until this
/// object goes (or the process does, however it ends).
class InstanceLock {
 public:
  InstanceLock() = default;
  ~InstanceLock();
  InstanceLock(const InstanceLock&) = delete;
  InstanceLock& operator=(const InstanceLock&) = delete;

  enum class Result { held, taken, failed };
  /// `error` says why, with `failed`.
  Result acquire(const std::filesystem::path& state_dir, boost::system::error_code& error);

 private:
  int fd_ = -1;
};

}  // namespace gcstreamd
