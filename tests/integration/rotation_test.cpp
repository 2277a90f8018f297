#include <algorithm>
#include <csignal>
#include <regex>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// One for each last letter.
std::string private_key(const std::string& last) {
  return "-----BEGIN PRIVATE KEY-----\n"
         "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4" +
         last + "\n-----END PRIVATE KEY-----\n";
}

/// Files that the daemon rotates by itself.
class RotationTest : public StreamTest {
 protected:
  RotationTest() {
    stream()["start_at"] = 0;
    file_sink()["rotate"] = {{"max_bytes", 8192}};
    audit_sink()["rotate"] = {{"max_bytes", 8192}};
  }
  /// The rotated files of a sink, by name.
  std::vector<fs::path> rotated(const fs::path& live) const {
    std::vector<fs::path> found;
    const std::regex form(live.filename().string() + R"(\.\d{8}T\d{6}Z-\d{6}(\.zst|\.gz)?)");
    for (const auto& entry : fs::directory_iterator(dir_.path()))
      if (std::regex_match(entry.path().filename().string(), form))
        found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }
  Lines all_lines(const fs::path& live) const {
    Lines all;
    for (const fs::path& file : rotated(live)) {
      const Lines more = read_lines(file);
      all.insert(all.end(), more.begin(), more.end());
    }
    const Lines rest = read_lines(live);
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
  }
  /// Sends events in small batches and waits for each, so that files are rotated on the way.
  void send_slowly(Session& session, std::uint64_t from, std::uint64_t to) const {
    for (; from <= to; ++from) {
      session.socket.send(event(from));
      const std::string wanted = event(from);
      wait_for_lines(events_path(), "the next event", [&](const Lines& lines) {
        return (!lines.empty() && lines.back() == wanted) || was_rotated(wanted);
      });
    }
  }
  bool was_rotated(const std::string& line) const {
    const auto files = rotated(events_path());
    const Lines lines = files.empty() ? Lines() : read_lines(files.back());
    return !lines.empty() && lines.back() == line;
  }
  Finished verify(std::vector<std::string> arguments) const {
    for (const fs::path& file : rotated(audit_path()))
      arguments.push_back(file.string());
    arguments.push_back(audit_path().string());
    arguments.insert(arguments.begin(), "verify");
    const TempDir elsewhere;
    return run_gcstreamd(elsewhere.path(), std::move(arguments));
  }
};

TEST_F(RotationTest, by_size_leaves_every_event_once_and_the_chain_whole) {
  Session session = open();
  send_slowly(session, 1, 60);
  EXPECT_EQ(stop(session), 0);
  EXPECT_GE(rotated(events_path()).size(), 3U);
  EXPECT_EQ(first_difference(all_lines(events_path()), events(1, 60)), "");
  EXPECT_EQ(fault_in_chain(all_lines(audit_path())), "");
  EXPECT_EQ(verify({}).exit_code, 0);
}

TEST_F(RotationTest, goes_on_after_a_crash) {
  Session session = open();
  send_slowly(session, 1, 30);
  daemon_->signal(SIGKILL);
  daemon_->wait_exit();
  session = open();
  const std::uint64_t next = session.subscription.at("sequenceNumber").get<std::uint64_t>() + 1;
  EXPECT_GE(next, 30U);
  send_slowly(session, next, 60);
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(first_difference(all_lines(events_path()), events(1, 60)), "");
  EXPECT_EQ(fault_in_chain(all_lines(audit_path())), "");
}

TEST_F(RotationTest, compresses_what_was_rotated_and_keeps_as_many_as_it_should) {
  audit_sink()["rotate"]["compress"] = "zstd";
  file_sink()["rotate"]["keep"] = 2;
  Session session = open();
  send_slowly(session, 1, 60);
  EXPECT_EQ(stop(session), 0);
  session = open();  // what was left is done now
  wait_for_lines(daemon_->stderr_path(), "all to be compressed", [&](const Lines&) {
    const auto files = rotated(audit_path());
    return std::all_of(files.begin(), files.end(),
                       [](const fs::path& file) { return file.extension() == ".zst"; }) &&
           rotated(events_path()).size() == 2;
  });
  EXPECT_EQ(stop(session), 0);
  EXPECT_GE(rotated(audit_path()).size(), 1U);
  const Finished result = verify({});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

TEST_F(RotationTest, a_seal_key_that_was_replaced_in_its_file_is_used_from_the_reload_on) {
  const auto key = dir_.write("seal.pem", private_key("f"));
  audit_sink()["seal"] = {{"interval_s", 1}, {"key_file", key.string()}};
  Session session = open();
  const json before = first("seal");
  dir_.write("seal.pem", private_key("g"));
  reload();
  const json after = await("seal", before.at("sealNumber").get<std::size_t>() + 1).back();
  EXPECT_NE(after.at("keyId"), before.at("keyId"));
  EXPECT_EQ(first("config_reloaded").at("changes"),
            json::array({"/streams/0/sinks/1/seal/key_file"}));
  EXPECT_EQ(records("connection_open").size(), 1U);
  EXPECT_EQ(stop(session), 0);
}

TEST_F(RotationTest, seals_are_found_good_over_all_files) {
  const auto key = dir_.write("seal.pem", private_key("f"));
  const auto public_key =
      dir_.write("seal.pub",
                 "-----BEGIN PUBLIC KEY-----\n"
                 "MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\n"
                 "-----END PUBLIC KEY-----\n");
  audit_sink()["seal"] = {{"interval_s", 1}, {"key_file", key.string()}};
  Session session = open();
  send_slowly(session, 1, 20);
  first("seal");
  daemon_->signal(SIGKILL);
  daemon_->wait_exit();
  session = open();
  const std::uint64_t next = session.subscription.at("sequenceNumber").get<std::uint64_t>() + 1;
  send_slowly(session, next, 25);
  EXPECT_EQ(stop(session), 0);
  const Finished result = verify({"--public-key", public_key.string()});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_NE(tail(daemon_->stderr_path()).find("audit_sealed"), std::string::npos);
  EXPECT_EQ(read_lines(audit_path()).back().find(R"("type":"seal")") != std::string::npos, true);
}

}  // namespace
}  // namespace gcstreamd::testing
