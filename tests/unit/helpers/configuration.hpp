#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// A world for a configuration to refer to: variables, readable files, secret files.
struct World {
  Environment environment{{"GENESYS_CLIENT_SECRET", "env-secret"}};
  std::map<std::string, std::string> files{{"/secret", "file-secret"}, {"/ca.pem", "PEM"}};

  ConfigInputs inputs() const {
    ConfigInputs inputs;
    inputs.environment = environment;
    inputs.exists = [this](const std::string& path) { return files.contains(path); };
    inputs.read_file = [this](const std::string& path) -> std::optional<std::string> {
      const auto found = files.find(path);
      return found == files.end() ? std::nullopt : std::optional(found->second);
    };
    inputs.secret_file_fault = [this](const std::string& path) -> std::string {
      return files.contains(path) ? "" : "cannot be read";
    };
    inputs.seal_key_fault = [](const std::string& path) -> std::string {
      return path == "/ca.pem" ? "it holds no key" : "";
    };
    return inputs;
  }
};

/// The least that runs.
inline nlohmann::json minimal_configuration() {
  return nlohmann::json::parse(R"({
    "streams": [{
      "name": "main",
      "region": "us-east-1",
      "oauth": {"client_id": "id-1"},
      "event_types": ["interaction:conversation"],
      "sinks": [{"type": "audit", "path": "/log/audit.jsonl"}]
    }]
  })");
}

}  // namespace gcstreamd
