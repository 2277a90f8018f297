#include "gcstreamd/sinks/secret_file.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "helpers/temp_dir.hpp"

namespace gcstreamd {
namespace {

using testing::HasSubstr;

TEST(SecretFile, OneThatOnlyItsOwnerAndGroupCanReadIsFine) {
  const TempDir dir;
  const std::string path = dir.write("secret", "s");
  std::filesystem::permissions(path, std::filesystem::perms{0640});
  EXPECT_EQ(secret_file_fault(path), "");
}

TEST(SecretFile, OneThatOthersCanReadIsRefused) {
  const TempDir dir;
  const std::string path = dir.write("secret", "s");
  std::filesystem::permissions(path, std::filesystem::perms{0604});
  EXPECT_THAT(secret_file_fault(path), HasSubstr("chmod o-r"));
}

TEST(SecretFile, WhatHoldsNothingIsRefused) {
  const TempDir dir;
  EXPECT_THAT(secret_file_fault(dir.write("empty", "")), HasSubstr("empty"));
  EXPECT_THAT(secret_file_fault(dir.file("absent")), HasSubstr("ENOENT"));
  EXPECT_THAT(secret_file_fault(dir.file(".")), HasSubstr("not a regular file"));
}

}  // namespace
}  // namespace gcstreamd
