#include <gtest/gtest.h>

#include <regex>

#include "support/daemon.hpp"
#include "support/temp_dir.hpp"

namespace gcstreamd::testing {
namespace {

class CommandLineTest : public ::testing::Test {
 protected:
  Finished gcstreamd(std::vector<std::string> arguments) const {
    return run_gcstreamd(dir_.path(), std::move(arguments));
  }

  TempDir dir_;
};

TEST_F(CommandLineTest, version_goes_to_stdout) {
  const Finished result = gcstreamd({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.out.find(GCSTREAMD_VERSION), std::string::npos) << result.out;
  EXPECT_EQ(result.err, "");
}

TEST_F(CommandLineTest, help_names_the_subcommands_on_stdout) {
  const Finished result = gcstreamd({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(std::regex_search(result.out, std::regex(R"(\brun\b)"))) << result.out;
  EXPECT_TRUE(std::regex_search(result.out, std::regex(R"(\bcheck\b)"))) << result.out;
  EXPECT_EQ(result.err, "");
}

TEST_F(CommandLineTest, help_of_a_subcommand_names_its_options) {
  for (const std::string subcommand : {"run", "check"}) {
    const Finished result = gcstreamd({subcommand, "--help"});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_NE(result.out.find("--config"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("--set"), std::string::npos) << result.out;
  }
}

class WrongUsageTest : public CommandLineTest,
                       public ::testing::WithParamInterface<std::vector<std::string>> {};

TEST_P(WrongUsageTest, exits_64_and_explains_on_stderr) {
  const Finished result = gcstreamd(GetParam());
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err, "");
}

INSTANTIATE_TEST_SUITE_P(
    CommandLine, WrongUsageTest,
    ::testing::Values(std::vector<std::string>{}, std::vector<std::string>{"--wrong"},
                      std::vector<std::string>{"dance"}, std::vector<std::string>{"run", "--wrong"},
                      std::vector<std::string>{"check", "--config"},
                      std::vector<std::string>{"check", "unasked"},
                      std::vector<std::string>{"check", "--set", "/state_dir"}));

TEST_F(CommandLineTest, a_missing_configuration_file_is_named) {
  for (const std::string subcommand : {"run", "check"}) {
    const auto path = (dir_ / "nowhere.json").string();
    const Finished result = gcstreamd({subcommand, "--config", path});
    EXPECT_EQ(result.exit_code, 78);
    EXPECT_NE(result.err.find(path), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
  }
}

}  // namespace
}  // namespace gcstreamd::testing
