#include "gcstreamd/app/file_owner.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "gcstreamd/core/errors.hpp"

namespace gcstreamd {
namespace {

/// With the groups of the account, where the user has one: its log files may be a group's.
bool become(uid_t user, gid_t group) {
  const passwd* account = ::getpwuid(user);
  const int groups =
      account ? ::initgroups(account->pw_name, account->pw_gid) : ::setgroups(0, nullptr);
  return groups == 0 && ::setgid(account ? account->pw_gid : group) == 0 && ::setuid(user) == 0;
}

}  // namespace

std::string become_owner_of(const std::filesystem::path& directory) {
  struct stat status {};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &status) != 0 || status.st_uid == 0)
    return {};
  if (become(status.st_uid, status.st_gid))
    return {};
  return fmt::format("{} belongs to user {}, and root cannot become that: {}", directory.string(),
                     status.st_uid, describe_errno(errno));
}

}  // namespace gcstreamd
