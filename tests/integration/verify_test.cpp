#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

/// Logs that the daemon wrote, in pieces as they are after a rotation.
class VerifyTest : public StreamTest {
 protected:
  /// A stream of `count` events that was stopped; its log's lines.
  Lines write_log(std::uint64_t count) {
    Session session = open();
    send_all(session, events(1, count));
    await_events(count);
    EXPECT_EQ(stop(session), 0);
    return read_lines(audit_path());
  }
  std::string write(std::string_view name, const Lines& lines) const {
    std::string text;
    for (const std::string& line : lines) {
      text += line + '\n';
    }
    return dir_.write(name, text).string();
  }
  static Finished verify(std::vector<std::string> arguments) {
    const TempDir directory;
    arguments.insert(arguments.begin(), "verify");
    return run_gcstreamd(directory.path(), std::move(arguments));
  }
  /// Runs a line of shell with `$gcstreamd` in it to its end.
  Finished shell(const std::string& line) const {
    const TempDir directory;
    const Command command{
        "/bin/sh",
        {"-c", line},
        {{"gcstreamd", gcstreamd_command({}, {}).binary.string()}, {"log", audit_path().string()}},
        directory.path()};
    Process process(command);
    const int exit_code = process.wait_exit();
    return {exit_code, read_file(process.stdout_path()), read_file(process.stderr_path())};
  }
};

Lines part(const Lines& lines, std::size_t from, std::size_t to) {
  return {lines.begin() + static_cast<std::ptrdiff_t>(from),
          lines.begin() + static_cast<std::ptrdiff_t>(std::min(to, lines.size()))};
}

std::string last_line(const std::string& text) {
  const std::string whole = text.substr(0, text.find_last_not_of('\n') + 1);
  return whole.substr(whole.rfind('\n') + 1);
}

bool has(const std::string& text, std::string_view wanted) {
  return text.find(wanted) != std::string::npos;
}

TEST_F(VerifyTest, a_log_of_the_daemon_is_whole) {
  write_log(50);
  const Finished result = verify({audit_path().string()});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(last_line(result.out), "whole");
  EXPECT_TRUE(has(result.out, "received     1-50 (50 numbers)")) << result.out;
  EXPECT_EQ(result.err, "");
}

TEST_F(VerifyTest, a_log_that_is_being_written_is_whole) {
  Session session = open();
  send_all(session, events(1, 20));
  await("event_received", 20);
  EXPECT_EQ(verify({audit_path().string()}).exit_code, 0);
  std::ofstream(audit_path(), std::ios::app) << R"({"ts":"2026)";
  const Finished result = verify({audit_path().string()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(has(result.out, "an unfinished line")) << result.out;
}

TEST_F(VerifyTest, recorded_losses_are_told_and_exit_1) {
  stream()["integrity"] = {{"on_gap", "record"}};
  Session session = open();
  send_all(session, {event(1), event(4)});
  await("events_lost");
  EXPECT_EQ(stop(session), 0);
  const Finished result = verify({audit_path().string()});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(last_line(result.out), "whole, with recorded losses");
  EXPECT_TRUE(has(result.out, "lost         2-3 (2 numbers)")) << result.out;
}

TEST_F(VerifyTest, rotated_and_compressed_files_in_any_order_are_one_log) {
  const Lines log = write_log(60);
  write("old.1", part(log, 0, 20));
  write("old.2", part(log, 20, 40));
  write("live", part(log, 40, log.size()));
  ASSERT_EQ(std::system(("gzip '" + (dir_ / "old.1").string() + "'").c_str()), 0);
  const Finished result = verify({(dir_ / "live").string(), (dir_ / "old.2").string(),
                                  (dir_ / "old.1.gz").string(), (dir_ / "old.2").string()});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_TRUE(has(result.out, "received     1-60 (60 numbers)")) << result.out;
  EXPECT_TRUE(has(result.out, "files        3: ")) << result.out;
  EXPECT_TRUE(has(result.err, "named twice")) << result.err;
}

TEST_F(VerifyTest, a_changed_record_is_told_by_file_and_line) {
  Lines log = write_log(30);
  const std::string first = write("first", part(log, 0, 10));
  std::string& changed = log.at(17);
  changed.replace(changed.find("\"type\":\"e"), 9, "\"type\":\"E");
  const std::string second = write("second", part(log, 10, log.size()));
  const Finished result = verify({second, first});
  EXPECT_EQ(result.exit_code, 65);
  EXPECT_TRUE(last_line(result.out).starts_with("broken: " + second + ":8: ")) << result.out;
}

TEST_F(VerifyTest, a_missing_file_is_told_by_its_records) {
  const Lines log = write_log(30);
  const std::string first = write("first", part(log, 0, 10));
  const std::string third = write("third", part(log, 20, log.size()));
  const Finished result = verify({first, third});
  EXPECT_EQ(result.exit_code, 65);
  EXPECT_TRUE(has(last_line(result.out), third + ":1: records 11 to 20 are missing")) << result.out;
  EXPECT_EQ(verify({third}).exit_code, 0);
}

TEST_F(VerifyTest, a_file_that_cannot_be_read_exits_66_and_is_named) {
  write_log(1);
  const std::string absent = (dir_ / "absent").string();
  const Finished result = verify({audit_path().string(), absent});
  EXPECT_EQ(result.exit_code, 66);
  EXPECT_TRUE(has(result.err, absent + ": ")) << result.err;
  EXPECT_EQ(verify({dir_.path().string()}).exit_code, 66);
}

TEST_F(VerifyTest, a_wrong_public_key_file_exits_64_with_words) {
  write_log(1);
  const std::string log = audit_path().string();
  const Finished result = verify({"--public-key", log, log});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_TRUE(has(result.err, "openssl pkey")) << result.err;
  EXPECT_EQ(verify({"--public-key", (dir_ / "absent").string(), log}).exit_code, 64);
}

TEST_F(VerifyTest, with_a_public_key_a_log_without_seals_is_broken) {
  write_log(1);
  const auto key = dir_.write("seal.pub",
                              "-----BEGIN PUBLIC KEY-----\n"
                              "MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\n"
                              "-----END PUBLIC KEY-----\n");
  const Finished result = verify({"--public-key", key.string(), audit_path().string()});
  EXPECT_EQ(result.exit_code, 65);
  EXPECT_TRUE(has(last_line(result.out), "no seal")) << result.out;
}

TEST_F(VerifyTest, wrong_usage_exits_64) {
  EXPECT_EQ(verify({}).exit_code, 64);
  EXPECT_EQ(verify({"--wrong", "x"}).exit_code, 64);
  EXPECT_EQ(verify({"--public-key"}).exit_code, 64);
  EXPECT_TRUE(has(verify({"--help"}).out, "--public-key"));
}

TEST_F(VerifyTest, an_output_that_nobody_takes_is_no_crash) {
  write_log(5);
  EXPECT_EQ(shell(R"("$gcstreamd" verify "$log" >/dev/full)").exit_code, 74);
  EXPECT_EQ(shell(R"({ "$gcstreamd" verify "$log"; echo $? >&2; } | true)").err.find("141"),
            std::string::npos);
  EXPECT_EQ(shell(R"("$gcstreamd" verify "$log" >&-)").exit_code, 0);
}

TEST_F(VerifyTest, a_configured_seal_key_is_checked) {
  stream()["sinks"][1]["seal"] = {{"key_file", dir_.write("seal.pem", "no key").string()}};
  const auto check = [this] {
    dir_.write("config.json", config_.dump());
    const TempDir directory;
    return run_gcstreamd(directory.path(), {"check", "--config", config_path().string()});
  };
  const Finished refused = check();
  EXPECT_EQ(refused.exit_code, 78);
  EXPECT_TRUE(has(refused.err, "/streams/0/sinks/1/seal/key_file")) << refused.err;
  EXPECT_TRUE(has(refused.err, "openssl genpkey -algorithm ed25519")) << refused.err;
  dir_.write("seal.pem",
             "-----BEGIN PRIVATE KEY-----\n"
             "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
             "-----END PRIVATE KEY-----\n");
  const Finished taken = check();
  EXPECT_EQ(taken.exit_code, 0) << taken.err;
  EXPECT_FALSE(has(taken.out + taken.err, "AABAgME"));
}

}  // namespace
}  // namespace gcstreamd::testing
