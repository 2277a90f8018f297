#include "gcstreamd/app/system_inputs.hpp"

#include <gmock/gmock.h>

#include "helpers/temp_dir.hpp"

namespace gcstreamd {
namespace {

TEST(CreationFault, TellsWhyNoFileCouldBeCreatedAndCreatesNone) {
  const TempDir dir;
  EXPECT_FALSE(creation_fault(dir.file("new")));
  EXPECT_FALSE(std::filesystem::exists(dir.file("new")));
  EXPECT_EQ(creation_fault(dir.file("nowhere/new")).value(), ENOENT);
  EXPECT_EQ(creation_fault(dir.write("file", "") + "/new").value(), ENOTDIR);
  EXPECT_FALSE(creation_fault("in_the_working_directory"));
}

TEST(RealPath, FollowsLinksAsFarAsThereAreAny) {
  const TempDir dir;
  std::filesystem::create_directory(dir.file("there"));
  std::filesystem::create_directory_symlink(dir.file("there"), dir.file("link"));
  EXPECT_EQ(real_path(dir.file("link/new")), real_path(dir.file("there/../there/new")));
  EXPECT_NE(real_path(dir.file("link/new")), real_path(dir.file("there/other")));
}

}  // namespace
}  // namespace gcstreamd
