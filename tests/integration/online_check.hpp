#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/daemon.hpp"
#include "support/temp_dir.hpp"

namespace gcstreamd::testing {

/// One run of `check --online`, in a directory of its own.
class OnlineCheck {
 public:
  OnlineCheck(const TempDir& dir, const nlohmann::json& config, Variables environment = {});
  /// Waits for the end; the table is in `err`. No output may hold the client secret.
  Finished finish();

 private:
  std::filesystem::path directory_;
  Process process_;
};

/// The table's rows of a stream: `dns ok`, `tls failed`, `oauth not tried`.
std::vector<std::string> rows(const std::string& table, const std::string& stream = "main");

}  // namespace gcstreamd::testing
