#include <algorithm>
#include <ostream>
#include <regex>

#include "integration/check_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

struct Fault {
  std::string name;
  std::string pointer;  ///< what is set, and where the error line must begin
  json value;
  std::string told;  ///< what the line must hold beside the pointer
};

void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.pointer << fault.value;
}

class ConfigFaultTest : public CheckTest, public ::testing::WithParamInterface<Fault> {};

TEST_P(ConfigFaultTest, is_one_line_that_begins_with_its_pointer) {
  const Fault& fault = GetParam();
  set(fault.pointer, fault.value);
  const Finished result = check();
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_EQ(result.out, "");
  const auto lines = lines_at(result, fault.pointer);
  ASSERT_EQ(lines.size(), 1U) << result.err;
  const std::string rest = lines[0].substr(fault.pointer.size());
  EXPECT_NE(rest.find(fault.told), std::string::npos) << lines[0];
}

const Fault kMisspelt[] = {
    {"top_level_key", "/sate_dir", "/x", "state_dir"},
    {"stream_key", "/streams/0/bufer_size", 5, "buffer_size"},
    {"nested_key", "/streams/0/reconnect/base_delay", 5, "base_delay_ms"},
    {"sink_key", "/streams/0/sinks/0/pathh", "/x", "path"},
    {"protocol", "/streams/0/protocol", "analytics-steam", "analytics-stream"},
    {"event_type", "/streams/0/event_types/0", "interaction:conversatoin",
     "interaction:conversation"},
    {"client_auth", "/streams/0/oauth/client_auth", "baasic", "basic"},
    {"token_in", "/streams/0/token_in", "headr", "header"},
    {"jitter", "/streams/0/reconnect/jitter", "equall", "equal"},
    {"on_gap", "/streams/0/integrity/on_gap", "resum", "resume"},
    {"sink_type", "/streams/0/sinks/0/type", "fille", "file"},
    {"region", "/streams/0/region", "us-east-9", "us-east-1"},
    {"log_level", "/log/level", "debugg", "debug"},
};

const Fault kWrong[] = {
    {"name_with_capitals", "/streams/0/name", "Main", "a-z"},
    {"buffer_size_as_text", "/streams/0/buffer_size", "50", ""},
    {"buffer_size_as_fraction", "/streams/0/buffer_size", 1.5, ""},
    {"negative_duration", "/shutdown_timeout_s", -1, ""},
    {"interval_as_text", "/metrics/interval_s", "30", ""},
    {"no_event_types", "/streams/0/event_types", json::array(), "routing:queue:member"},
    {"no_sinks", "/streams/0/sinks", json::array(), ""},
    {"no_streams", "/streams", json::array(), ""},
    {"streams_as_object", "/streams", json::object(), ""},
    {"log_as_text", "/log", "info", ""},
    {"start_at_word", "/streams/0/start_at", "beginning", "tip"},
    {"start_at_negative", "/streams/0/start_at", -1, ""},
    {"old_tls", "/streams/0/tls/min_version", "1.0", "1.2"},
    {"verification_off", "/streams/0/tls/verify", false, ""},
    {"secret_inside", "/streams/0/oauth/client_secret", "hush", "client_secret_file"},
    {"secret_file_missing", "/streams/0/oauth/client_secret_file", "/nowhere/secret", ""},
    {"plain_ws", "/streams/0/endpoints/stream_url", "ws://api.example.com/x", "wss"},
    {"plain_http", "/streams/0/endpoints/oauth_url", "http://login.example.com/x", "https"},
    {"not_an_url", "/streams/0/endpoints/stream_url", "api.example.com", ""},
};

constexpr auto kName = [](const auto& fault) { return fault.param.name; };
INSTANTIATE_TEST_SUITE_P(Misspelt, ConfigFaultTest, ::testing::ValuesIn(kMisspelt), kName);
INSTANTIATE_TEST_SUITE_P(Wrong, ConfigFaultTest, ::testing::ValuesIn(kWrong), kName);

class MissingKeyTest : public CheckTest,
                       public ::testing::WithParamInterface<std::pair<std::string, std::string>> {};

TEST_P(MissingKeyTest, is_told_at_its_pointer) {
  const auto& [parent, key] = GetParam();
  erase(parent, key);
  const Finished result = check();
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_EQ(lines_at(result, parent + '/' + key).size(), 1U) << result.err;
}

INSTANTIATE_TEST_SUITE_P(Config, MissingKeyTest,
                         ::testing::Values(std::pair("", "streams"),
                                           std::pair("/streams/0", "name"),
                                           std::pair("/streams/0", "event_types"),
                                           std::pair("/streams/0", "sinks"),
                                           std::pair("/streams/0/sinks/0", "type"),
                                           std::pair("/streams/0/sinks/0", "path")));

TEST_F(CheckTest, a_region_as_subdomain_is_refused_with_the_cure) {
  const std::string wrong = "us-east-1.mypurecloud.com";
  set("/streams/0/region", wrong);
  const Finished result = check();
  EXPECT_EQ(result.exit_code, 78);
  auto lines = lines_at(result, "/streams/0/region");
  ASSERT_EQ(lines.size(), 1U) << result.err;
  for (auto at = lines[0].find(wrong); at != std::string::npos; at = lines[0].find(wrong)) {
    lines[0].erase(at, wrong.size());
  }
  EXPECT_NE(lines[0].find("us-east-1"), std::string::npos) << lines[0];
}

TEST_F(CheckTest, plain_connections_to_loopback_are_allowed) {
  set("/streams/0/endpoints/stream_url", "ws://127.0.0.1:9/stream");
  set("/streams/0/endpoints/oauth_url", "http://localhost:9/oauth/token");
  EXPECT_EQ(check().exit_code, 0);
}

TEST_F(CheckTest, a_path_that_two_sinks_share_is_refused) {
  set("/streams/0/sinks/1/path", config_["streams"][0]["sinks"][0]["path"]);
  const Finished result = check();
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_EQ(lines_at(result, "/streams/0/sinks/1/path").size(), 1U) << result.err;
}

TEST_F(CheckTest, stream_names_are_unique) {
  json second = config_["streams"][0];
  second["sinks"] = json::array({{{"type", "stdout"}}});
  config_["streams"].push_back(second);
  const Finished result = check();
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_EQ(lines_at(result, "/streams/1/name").size(), 1U) << result.err;
}

TEST_F(CheckTest, more_connections_than_an_org_has_are_refused) {
  json second = config_["streams"][0];
  second["name"] = "second";
  second["sinks"] = json::array({{{"type", "stdout"}}});
  config_["streams"].push_back(second);
  EXPECT_EQ(check().exit_code, 0);
  set("/max_connections_per_org", 1);
  const Finished result = check();
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_NE(result.err.find("tier"), std::string::npos) << result.err;
}

TEST_F(CheckTest, a_secret_in_the_configuration_is_not_repeated) {
  set("/streams/0/oauth/client_secret", "hush-hush-value");
  const Finished result = check();
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_EQ((result.err + result.out).find("hush-hush-value"), std::string::npos);
}

TEST_F(CheckTest, a_secret_file_that_others_can_read_is_refused) {
  for (const unsigned mode : {0644U, 0604U}) {
    dir_.write(kSecretFile, kClientSecret, mode);
    const Finished result = check();
    EXPECT_EQ(result.exit_code, 78);
    EXPECT_EQ(lines_at(result, "/streams/0/oauth/client_secret_file").size(), 1U) << result.err;
  }
}

TEST_F(CheckTest, several_faults_are_several_lines) {
  set("/streams/0/buffer_size", "50");
  set("/streams/0/region", "us-east-9");
  set("/wrong", 1);
  const Finished result = check();
  EXPECT_EQ(result.exit_code, 78);
  for (const std::string pointer : {"/streams/0/buffer_size", "/streams/0/region", "/wrong"}) {
    EXPECT_EQ(lines_at(result, pointer).size(), 1U) << result.err;
  }
}

TEST_F(CheckTest, a_repeated_key_is_refused) {
  std::string text = config_.dump();
  text.insert(1, R"("state_dir":"/elsewhere",)");
  const Finished result = check_text(text);
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_NE(result.err.find("state_dir"), std::string::npos) << result.err;
}

TEST_F(CheckTest, a_syntax_error_is_told_with_line_and_column) {
  const Finished result = check_text("{\n  \"state_dir\": ,\n}\n");
  EXPECT_EQ(result.exit_code, 78);
  const std::regex place(R"(line 2\b.*column \d+|:2:\d+)");
  EXPECT_TRUE(std::regex_search(result.err, place)) << result.err;
}

TEST_F(CheckTest, run_refuses_what_check_refuses) {
  set("/wrong", 1);
  const auto path = dir_.write("c.json", config_.dump()).string();
  const Finished result = run_gcstreamd(dir_.path(), {"run", "--config", path});
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_NE(result.err.find("/wrong"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace gcstreamd::testing
