#include <csignal>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

namespace fs = std::filesystem;
using SecretsTest = StreamTest;

constexpr std::string_view kToken = "t0ken+of/this=run";

/// Every file in the directory, but the secret's own, that holds one of these texts.
std::vector<std::string> leaks(const TempDir& directory, const std::vector<std::string>& texts) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(directory.path())) {
    if (!entry.is_regular_file() || entry.path().filename() == kSecretFile) {
      continue;
    }
    const std::string content = read_file(entry.path());
    for (const std::string& text : texts) {
      if (content.find(text) != std::string::npos) {
        found.push_back(entry.path().filename().string() + ": " + text);
      }
    }
  }
  return found;
}

const std::vector<std::string> kForbidden{std::string(kToken), "t0ken%2Bof%2Fthis%3Drun", "t0ken",
                                          std::string(kClientSecret),
                                          "access_token=", "Bearer t0ken",
                                          // printf '0f1e2d3c-client:s3cr3t-of-this-client' | base64
                                          "MGYxZTJkM2MtY2xpZW50OnMzY3IzdC1vZi10aGlzLWNsaWVudA=="};

TEST_F(SecretsTest, a_run_at_debug_level_leaves_no_token_and_no_secret_behind) {
  run();
  const std::string token(kToken);
  peer_.expect_http().reply(500, "{\"error\":\"" + std::string(kClientSecret) + "\"}");
  Session session = peer_.open_stream(token);
  send_all(session, {event(1), "broken " + token, "{\"echo\":\"" + token + "\"}", event(2)});
  await_events(2);
  session.socket.close(1011, "token " + token + " was seen");
  peer_.expect_http().reply(503, token, {{"Location", "https://x/?access_token=" + token}});
  session = peer_.reopen_stream();
  session.socket.drop();
  session = peer_.reopen_stream();
  EXPECT_EQ(stop(session), 0);
  EXPECT_GT(fs::file_size(daemon_->stderr_path()), 0U);
  EXPECT_EQ(leaks(dir_, kForbidden), std::vector<std::string>{});
}

TEST_F(SecretsTest, basic_and_header_leave_nothing_behind) {
  stream()["oauth"]["client_auth"] = "basic";
  stream()["token_in"] = "header";
  run();
  Session session = peer_.open_stream(kToken);
  session.socket.drop();
  session = peer_.reopen_stream();
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(leaks(dir_, kForbidden), std::vector<std::string>{});
}

TEST_F(SecretsTest, a_secret_from_the_environment_leaves_nothing_behind) {
  stream()["oauth"].erase("client_secret_file");
  dir_.write(kSecretFile, "");
  run({{"GENESYS_CLIENT_SECRET", std::string(kClientSecret)}});
  Session session = peer_.open_stream(kToken);
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(leaks(dir_, kForbidden), std::vector<std::string>{});
}

}  // namespace
}  // namespace gcstreamd::testing
