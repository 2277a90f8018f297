#pragma once

#include <filesystem>
#include <string>

namespace gcstreamd {

/// Where this process is root's, makes it the directory's owner for good: what it writes there can
/// be read by whoever the directory is for. Returns what hinders that, or "". Changes nothing for
/// other users, for a directory of root's, and where there is none.
std::string become_owner_of(const std::filesystem::path& directory);

}  // namespace gcstreamd
