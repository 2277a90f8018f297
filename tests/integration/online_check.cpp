#include "integration/online_check.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "support/files.hpp"
#include "support/fixtures.hpp"

namespace gcstreamd::testing {
namespace {

std::filesystem::path made(std::filesystem::path directory) {
  std::filesystem::create_directory(directory);
  return directory;
}

}  // namespace

OnlineCheck::OnlineCheck(const TempDir& dir, const nlohmann::json& config, Variables environment)
    : directory_(made(dir / "check")),
      process_(gcstreamd_command(
          directory_,
          {"check", "--online", "--config", dir.write("config.json", config.dump(2)).string()},
          std::move(environment))) {}

Finished OnlineCheck::finish() {
  Finished result;
  result.exit_code = process_.wait_exit();
  result.out = read_file(process_.stdout_path());
  result.err = read_file(process_.stderr_path());
  EXPECT_EQ((result.out + result.err).find(kClientSecret), std::string::npos) << result.err;
  return result;
}

std::vector<std::string> rows(const std::string& table, const std::string& stream) {
  std::vector<std::string> found;
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::string step;
    std::string where;
    std::string result;
    words >> name >> step >> where >> result;
    if (name == stream && !line.starts_with(' ')) {
      found.push_back(step + ' ' + (result == "not" ? "not tried" : result));
    }
  }
  return found;
}

}  // namespace gcstreamd::testing
