#include "integration/check_test.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace gcstreamd::testing {

Finished CheckTest::check_text(std::string_view text, const std::vector<std::string>& more,
                               Variables environment) const {
  const TempDir output;
  std::vector<std::string> arguments{"check", "--config", dir_.write("c.json", text).string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_gcstreamd(output.path(), std::move(arguments), std::move(environment));
}

nlohmann::json CheckTest::effective(const std::vector<std::string>& more,
                                    Variables environment) const {
  const Finished result = check(more, std::move(environment));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return nlohmann::json::parse(result.out);
}

void CheckTest::set(const std::string& pointer, nlohmann::json value) {
  config_[nlohmann::json::json_pointer(pointer)] = std::move(value);
}

void CheckTest::erase(const std::string& parent, const std::string& key) {
  config_[nlohmann::json::json_pointer(parent)].erase(key);
}

std::vector<std::string> lines_at(const Finished& result, const std::string& pointer) {
  std::vector<std::string> lines;
  std::istringstream text(result.err);
  for (std::string line; std::getline(text, line);) {
    const auto next = line.size() > pointer.size() ? line[pointer.size()] : ' ';
    const bool whole =
        std::isalnum(static_cast<unsigned char>(next)) == 0 && next != '/' && next != '_';
    if (line.starts_with(pointer) && whole) {
      lines.push_back(line);
    }
  }
  return lines;
}

namespace {

TEST_F(CheckTest, prints_the_effective_configuration_with_defaults) {
  const auto config = effective();
  EXPECT_EQ(config.at("shutdown_timeout_s"), 10);
  const auto& stream = config.at("streams").at(0);
  EXPECT_EQ(stream.at("name"), "main");
  EXPECT_EQ(stream.at("buffer_size"), 100);
  EXPECT_EQ(stream.at("token_in"), "query");
  EXPECT_EQ(stream.at("start_at"), "tip");
  EXPECT_EQ(stream.at("oauth").at("client_auth"), "post");
  EXPECT_EQ(stream.at("oauth").at("refresh_margin_s"), 60);
  EXPECT_EQ(stream.at("reconnect").at("stable_after_s"), 60);
  EXPECT_EQ(stream.at("reconnect").at("jitter"), "equal");
  EXPECT_EQ(stream.at("liveness").at("idle_timeout_s"), 40);
  EXPECT_EQ(stream.at("integrity").at("on_gap"), "resume");
  EXPECT_EQ(stream.at("limits").at("max_frame_bytes"), 16777216);
}

TEST_F(CheckTest, a_ca_file_without_a_whole_certificate_is_a_fault) {
  for (const std::string_view text : {"", "-----BEGIN CERTIFICATE-----\nMIIBszCC"}) {
    set("/streams/0/tls/ca_file", dir_.write("cut.pem", text).string());
    const Finished result = check();
    EXPECT_EQ(result.exit_code, 78);
    EXPECT_EQ(lines_at(result, "/streams/0/tls/ca_file").size(), 1U) << result.err;
  }
}

TEST_F(CheckTest, a_proxys_password_that_everybody_can_read_is_warned_of) {
  set("/streams/0/proxy", "http://ops:hidden-w0rd@proxy.example:3128");
  constexpr unsigned kForAll = 0644;
  const auto file = dir_.write("open.json", config_.dump(2), kForAll);
  const TempDir output;
  const Finished result = run_gcstreamd(output.path(), {"check", "--config", file.string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.err.find("everybody can read the proxy's password"), std::string::npos)
      << result.err;
  EXPECT_EQ((result.out + result.err).find("hidden-w0rd"), std::string::npos);
}

TEST_F(CheckTest, endpoints_come_from_the_region) {
  config_["streams"][0].erase("endpoints");
  set("/streams/0/region", "eu-central-1");
  const auto endpoints = effective().at("streams").at(0).at("endpoints");
  EXPECT_EQ(endpoints.at("oauth_url"), "https://login.mypurecloud.de/oauth/token");
  EXPECT_EQ(endpoints.at("stream_url"), "wss://api.mypurecloud.de/api/v2/analytics/events/stream");
}

TEST_F(CheckTest, a_region_may_be_a_domain) {
  config_["streams"][0].erase("endpoints");
  set("/streams/0/region", "example.org");
  EXPECT_EQ(effective().at("streams").at(0).at("endpoints").at("oauth_url"),
            "https://login.example.org/oauth/token");
}

TEST_F(CheckTest, the_secret_is_never_printed) {
  config_["streams"][0]["oauth"].erase("client_secret_file");
  const Finished result = check({}, {{"GENESYS_CLIENT_SECRET", "very-secret-value"}});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ((result.out + result.err).find("very-secret-value"), std::string::npos);
}

TEST_F(CheckTest, the_secret_comes_from_the_credentials_directory) {
  config_["streams"][0]["oauth"].erase("client_secret_file");
  dir_.write("main.client_secret", "very-secret-value\n");
  const Finished result = check({}, {{"CREDENTIALS_DIRECTORY", dir_.path().string()}});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ((result.out + result.err).find("very-secret-value"), std::string::npos);
}

TEST_F(CheckTest, without_any_secret_the_key_that_would_name_it_is_told) {
  config_["streams"][0]["oauth"].erase("client_secret_file");
  const Finished result = check();
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_NE(result.err.find("/streams/0/oauth"), std::string::npos) << result.err;
}

TEST_F(CheckTest, client_id_comes_from_a_file_or_the_environment) {
  config_["streams"][0]["oauth"].erase("client_id");
  const Variables environment{{"GENESYS_CLIENT_ID", "from-environment"}};
  EXPECT_EQ(effective({}, environment).at("streams").at(0).at("oauth").at("client_id"),
            "from-environment");
  set("/streams/0/oauth/client_id_file", dir_.write("id", "from-file\n").string());
  EXPECT_EQ(effective().at("streams").at(0).at("oauth").at("client_id"), "from-file");
}

TEST_F(CheckTest, state_dir_comes_from_systemd) {
  config_.erase("state_dir");
  EXPECT_EQ(effective({}, {{"STATE_DIRECTORY", "/var/lib/somewhere"}}).at("state_dir"),
            "/var/lib/somewhere");
  EXPECT_EQ(effective().at("state_dir"), "/var/lib/gcstreamd");
}

TEST_F(CheckTest, set_overrides_one_key) {
  const auto config = effective({"--set", "/streams/0/buffer_size=50", "--set", "/log/level=info"});
  EXPECT_EQ(config.at("streams").at(0).at("buffer_size"), 50);
  EXPECT_EQ(config.at("log").at("level"), "info");
}

TEST_F(CheckTest, set_of_an_unknown_key_is_an_error) {
  const Finished result = check({"--set", "/streams/0/bufer_size=50"});
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_EQ(lines_at(result, "/streams/0/bufer_size").size(), 1U) << result.err;
}

TEST_F(CheckTest, the_buffer_size_is_clamped_and_that_is_said) {
  set("/streams/0/buffer_size", 5000);
  const Finished result = check();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(nlohmann::json::parse(result.out).at("streams").at(0).at("buffer_size"), 500);
  EXPECT_NE(result.err.find("500"), std::string::npos) << result.err;
}

TEST_F(CheckTest, a_stream_without_audit_sink_is_warned_of) {
  config_["streams"][0]["sinks"].erase(1);
  const Finished result = check();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.err.find("audit"), std::string::npos) << result.err;
}

TEST_F(CheckTest, comments_are_allowed) {
  std::string text = config_.dump(2);
  text.insert(text.find("\"state_dir\""), "// where positions live: {\"\n  /* \" */ ");
  EXPECT_EQ(check_text(text).exit_code, 0);
}

}  // namespace
}  // namespace gcstreamd::testing
