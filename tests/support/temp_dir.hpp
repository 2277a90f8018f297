#pragma once

#include <filesystem>
#include <string_view>

namespace gcstreamd::testing {

/// A directory of one test's own, removed with all that is in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  /// Writes a file that only its owner can read, unless told otherwise, and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view text,
                              unsigned mode = 0600) const;

 private:
  std::filesystem::path path_;
};

}  // namespace gcstreamd::testing
