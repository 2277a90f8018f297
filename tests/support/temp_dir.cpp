#include "support/temp_dir.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

namespace gcstreamd::testing {

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "gcstreamd-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("cannot make a temporary directory like " + pattern);
  }
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TempDir::write(std::string_view name, std::string_view text,
                                     unsigned mode) const {
  const auto file = path_ / name;
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) {
    throw std::runtime_error("cannot write " + file.string());
  }
  std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
  return file;
}

}  // namespace gcstreamd::testing
