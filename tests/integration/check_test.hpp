#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/daemon.hpp"
#include "support/files.hpp"
#include "support/fixtures.hpp"
#include "support/peer.hpp"
#include "support/temp_dir.hpp"

namespace gcstreamd::testing {

/// Runs `gcstreamd check` on configurations; the peer lends its port and CA, nobody connects.
class CheckTest : public ::testing::Test {
 protected:
  Finished check(const std::vector<std::string>& more = {}, Variables environment = {}) const {
    return check_text(config_.dump(2), more, std::move(environment));
  }
  Finished check_text(std::string_view text, const std::vector<std::string>& more = {},
                      Variables environment = {}) const;
  /// Checks what must be good and returns the effective configuration that was printed.
  nlohmann::json effective(const std::vector<std::string>& more = {},
                           Variables environment = {}) const;
  void set(const std::string& pointer, nlohmann::json value);
  void erase(const std::string& parent, const std::string& key);

  TempDir dir_;
  Peer peer_;
  nlohmann::json config_ = config_for(peer_, dir_);
};

/// The lines of stderr that begin with this JSON pointer, whole.
std::vector<std::string> lines_at(const Finished& result, const std::string& pointer);

}  // namespace gcstreamd::testing
