#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "support/daemon.hpp"
#include "support/files.hpp"
#include "support/fixtures.hpp"
#include "support/frames.hpp"
#include "support/peer.hpp"
#include "support/temp_dir.hpp"

namespace gcstreamd::testing {
namespace {

Command shell(const TempDir& directory, std::string script) {
  return {"/bin/sh", {"-c", std::move(script)}, {{"GIVEN", "1"}}, directory.path()};
}

TEST(ProcessTest, hands_over_exit_code_output_and_a_clean_environment) {
  const TempDir directory;
  Process process(shell(directory, "echo out; env >&2; exit 7"));
  EXPECT_EQ(process.wait_exit(), 7);
  EXPECT_EQ(read_file(process.stdout_path()), "out\n");
  const std::string environment = read_file(process.stderr_path());
  EXPECT_NE(environment.find("GIVEN=1\n"), std::string::npos);
  EXPECT_EQ(environment.find("GENESYS_"), std::string::npos);
}

TEST(ProcessTest, tells_the_signal_that_ended_it) {
  const TempDir directory;
  Process process(shell(directory, "exec sleep 1000"));
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait_exit(), 128 + SIGTERM);
}

TEST(FilesTest, a_line_is_awaited_until_it_is_whole) {
  const TempDir directory;
  directory.write("lines", "one\nunfinished");
  const auto path = directory / "lines";
  EXPECT_EQ(read_lines(path), Lines{"one"});
  const Process process(shell(directory, "echo ' and done' >> " + path.string()));
  EXPECT_EQ(wait_for_line_count(path, 2).back(), "unfinished and done");
}

TEST(FramesTest, the_accept_key_is_that_of_the_rfc) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(FramesTest, lengths_are_encoded_in_three_ways) {
  EXPECT_EQ(encode({true, Opcode::text, "ab"}),
            "\x81\x02"
            "ab");
  EXPECT_EQ(encode({false, Opcode::binary, std::string(200, 'x')}).substr(0, 4),
            std::string("\x02\x7E\x00\xC8", 4));
  EXPECT_EQ(encode({true, Opcode::text, std::string(70000, 'x')}).substr(0, 10),
            std::string("\x81\x7F\x00\x00\x00\x00\x00\x01\x11\x70", 10));
}

TEST(FixturesTest, events_are_json_of_the_asked_size) {
  const std::string text = event(12, 2000);
  EXPECT_EQ(text.size(), 2000U);
  const auto parsed = nlohmann::json::parse(text);
  EXPECT_EQ(parsed.at("sequenceNumber"), 12);
  EXPECT_EQ(parsed.at("timestamp"), "2026-01-01T00:00:00.120Z");
  EXPECT_EQ(nlohmann::json::parse(event(1, 0)).at("sequenceNumber"), 1);
}

// The hash was computed apart from this code, from the words of the contract.
TEST(FixturesTest, a_hash_chain_is_whole_or_its_first_broken_line_is_named) {
  const std::string first =
      R"({"ts":"2026-01-01T00:00:00.000000Z","stream":"main","type":"daemon_started","n":1,"hash":")"
      "a0129cc8c2cf148eb506d5905bfbc21be1b04780ccc096cebbca377876616b1d\"}";
  EXPECT_EQ(fault_in_chain({first}), "");
  std::string changed = first;
  changed.replace(changed.find("main"), 4, "mean");
  EXPECT_NE(fault_in_chain({changed}).find("line 1: hash"), std::string::npos);
  EXPECT_NE(fault_in_chain({first, first}).find("line 2: n is 1"), std::string::npos);
}

TEST(PeerTest, percent_encoding_is_undone) {
  EXPECT_EQ(percent_decode("a%2Bb+c%20d%C3%A9"), "a+b c d\xC3\xA9");
  EXPECT_EQ(percent_decode("100%"), "100%");
}

TEST(PeerTest, a_token_request_is_read_and_answered) {
  if (!std::filesystem::exists("/usr/bin/curl")) {
    GTEST_SKIP() << "needs curl";
  }
  const TempDir directory;
  Peer peer;
  const std::string url = "https://localhost:" + std::to_string(peer.port()) + "/oauth/token?a=b";
  Process curl({"/usr/bin/curl",
                {"-sS", "--cacert", peer.ca_file(), "-d", "client_id=a%20b&x=", url},
                {},
                directory.path()});
  const HttpRequest request = peer.serve_token("t", 60);
  EXPECT_EQ(curl.wait_exit(), 0) << read_file(curl.stderr_path());
  EXPECT_EQ(request.path(), "/oauth/token");
  EXPECT_EQ(request.query(), (Headers{{"a", "b"}}));
  EXPECT_EQ(request.form(), (Headers{{"client_id", "a b"}, {"x", ""}}));
  EXPECT_EQ(request.server_name, "localhost");
  EXPECT_EQ(nlohmann::json::parse(read_file(curl.stdout_path())).at("expires_in"), 60);
}

}  // namespace
}  // namespace gcstreamd::testing
