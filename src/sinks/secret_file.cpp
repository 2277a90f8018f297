#include "gcstreamd/sinks/secret_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "gcstreamd/core/errors.hpp"

namespace gcstreamd {

std::string secret_file_fault(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return describe_errno(errno);
  if (!S_ISREG(status.st_mode))
    return "not a regular file";
  if (status.st_size == 0)
    return "the file is empty";
  if ((status.st_mode & S_IROTH) != 0)
    return "others can read it (chmod o-r mends that)";
  if (::access(path.c_str(), R_OK) != 0)
    return describe_errno(errno);
  return {};
}

}  // namespace gcstreamd
