#include "integration/stream_test.hpp"

#include <csignal>
#include <iostream>
#include <utility>

namespace gcstreamd::testing {

void StreamTest::TearDown() {
  if (HasFailure() && daemon_) {
    std::cerr << "--- the daemon's stderr ends with:\n"
              << tail(daemon_->stderr_path()) << "\n--- the audit log ends with:\n"
              << tail(audit_path(), 3000) << "---\n";
  }
}

Process& StreamTest::run(Variables environment) {
  dir_.write("config.json", config_.dump(2));
  return daemon_.emplace(gcstreamd_command(dir_.path(), {"run", "--config", config_path().string()},
                                           std::move(environment)));
}

Session StreamTest::open(std::string_view token) {
  run();
  return peer_.open_stream(token);
}

void StreamTest::reload() {
  dir_.write("config.json", config_.dump(2));
  daemon_->signal(SIGHUP);
}

int StreamTest::stop(Session& session) {
  daemon_->signal(SIGTERM);
  session.socket.expect_close();
  return daemon_->wait_exit();
}

std::vector<nlohmann::json> StreamTest::await(std::string_view type, std::size_t count) const {
  return await_records(audit_path(), type, count);
}

std::vector<nlohmann::json> StreamTest::records(std::string_view type) const {
  return records_of(audit_path(), type);
}

Lines StreamTest::await_events(std::size_t count) const {
  return wait_for_line_count(events_path(), count);
}

void send_all(Session& session, const std::vector<std::string>& messages) {
  for (const std::string& message : messages) {
    session.socket.send(message);
  }
}

nlohmann::json fields_of(nlohmann::json record) {
  for (const auto* common : {"ts", "stream", "type", "n", "hash"}) {
    record.erase(common);
  }
  return record;
}

}  // namespace gcstreamd::testing
