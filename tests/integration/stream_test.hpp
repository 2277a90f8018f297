#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/daemon.hpp"
#include "support/files.hpp"
#include "support/fixtures.hpp"
#include "support/peer.hpp"
#include "support/temp_dir.hpp"

namespace gcstreamd::testing {

/// One daemon against one scripted peer. Tests change `config_`, start the daemon and play the
/// server; when one fails, the daemon's stderr is shown.
class StreamTest : public ::testing::Test {
 protected:
  void TearDown() override;

  nlohmann::json& stream() { return config_["streams"][0]; }
  nlohmann::json& file_sink() { return stream()["sinks"][0]; }
  nlohmann::json& audit_sink() { return stream()["sinks"][1]; }

  /// Writes the configuration and starts `gcstreamd run`.
  Process& run(Variables environment = {});
  /// Starts the daemon and brings the stream up.
  [[nodiscard]] Session open(std::string_view token = "token-1");
  /// Writes the configuration as it is now and sends SIGHUP.
  void reload();
  /// Ends the daemon with SIGTERM, answers the close of an open stream and returns the exit code.
  int stop(Session& session);

  std::filesystem::path config_path() const { return dir_ / "config.json"; }
  std::filesystem::path events_path() const { return dir_ / "events.ndjson"; }
  std::filesystem::path audit_path() const { return dir_ / "audit.jsonl"; }

  /// Waits for records of a type.
  std::vector<nlohmann::json> await(std::string_view type, std::size_t count = 1) const;
  /// Waits for the first record of a type.
  nlohmann::json first(std::string_view type) const { return await(type).at(0); }
  /// What there is of a type by now.
  std::vector<nlohmann::json> records(std::string_view type) const;
  /// Waits until the file sink holds as many events and returns all that it holds.
  Lines await_events(std::size_t count) const;

  TempDir dir_;
  Peer peer_;
  nlohmann::json config_ = config_for(peer_, dir_);
  std::optional<Process> daemon_;
};

void send_all(Session& session, const std::vector<std::string>& messages);

/// A record without what every record has: only the fields of its type.
nlohmann::json fields_of(nlohmann::json record);

}  // namespace gcstreamd::testing
