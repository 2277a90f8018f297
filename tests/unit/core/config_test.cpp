#include "gcstreamd/core/config.hpp"

#include <gmock/gmock.h>

#include "gcstreamd/core/analytics_types.hpp"
#include "helpers/configuration.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> lines_of(const ConfigResult& result) {
  std::vector<std::string> lines;
  for (const ConfigError& error : result.errors)
    lines.push_back(to_string(error));
  return lines;
}

class ConfigTest : public testing::Test {
 protected:
  ConfigResult parse(const json& root, const std::vector<Override>& overrides = {}) const {
    return parse_config(root.dump(), world_.inputs(), overrides);
  }
  ConfigResult set(std::string_view change) const {
    return parse(minimal_configuration(), {parse_override(change).value()});
  }

  World world_;
};

TEST_F(ConfigTest, TheLeastThatRunsHasTheContractsDefaults) {
  const auto result = parse(minimal_configuration());
  EXPECT_THAT(lines_of(result), IsEmpty());
  EXPECT_THAT(result.warnings, IsEmpty());
  const Config& config = result.config;
  EXPECT_EQ(config.state_dir, "/var/lib/gcstreamd");
  EXPECT_EQ(config.shutdown_timeout, 10s);
  EXPECT_EQ(config.log.level, "info");
  EXPECT_EQ(config.log.target, "stderr");
  EXPECT_EQ(config.metrics.interval, 30s);
  EXPECT_EQ(config.max_connections_per_org, 10U);
  ASSERT_EQ(config.streams.size(), 1U);
}

TEST_F(ConfigTest, AStreamHasTheContractsDefaults) {
  const StreamConfig stream = parse(minimal_configuration()).config.streams.at(0);
  EXPECT_EQ(stream.endpoints.oauth_url, "https://login.mypurecloud.com/oauth/token");
  EXPECT_EQ(stream.endpoints.stream_url,
            "wss://api.mypurecloud.com/api/v2/analytics/events/stream");
  EXPECT_EQ(stream.endpoints.api_url, "https://api.mypurecloud.com");
  EXPECT_EQ(stream.oauth.client_auth, OAuthConfig::ClientAuth::post);
  EXPECT_THAT(stream.oauth.scopes, ElementsAre("analytics:stream:read", "analytics:events:read"));
  EXPECT_EQ(stream.oauth.refresh_margin, 60s);
  EXPECT_EQ(stream.oauth.client_secret.kind, SecretSource::Kind::environment);
  EXPECT_EQ(stream.token_in, StreamConfig::TokenIn::query);
  EXPECT_EQ(stream.buffer_size, 100U);
  EXPECT_FALSE(stream.start_at);
  EXPECT_EQ(stream.tls.min_version, "1.2");
  EXPECT_EQ(stream.tls.ca_file, "");
  EXPECT_EQ(stream.reconnect.backoff.base, 1000ms);
  EXPECT_EQ(stream.reconnect.backoff.max, 60000ms);
  EXPECT_EQ(stream.reconnect.backoff.jitter, Jitter::equal);
  EXPECT_EQ(stream.reconnect.max_attempts, 10U);
  EXPECT_EQ(stream.reconnect.stable_after, 60s);
  EXPECT_EQ(stream.connect_timeout, 10s);
  EXPECT_EQ(stream.idle_timeout, 40s);
  EXPECT_EQ(stream.integrity.on_gap, IntegrityConfig::OnGap::resume);
  EXPECT_EQ(stream.integrity.gap_threshold, 1U);
  EXPECT_EQ(stream.integrity.max_resumes_per_minute, 6U);
  EXPECT_EQ(stream.max_frame_bytes, 16777216U);
}

TEST_F(ConfigTest, ASinkHasTheContractsDefaults) {
  json root = minimal_configuration();
  root["streams"][0]["sinks"].push_back({{"type", "stdout"}});
  const auto result = parse(root);
  ASSERT_THAT(lines_of(result), IsEmpty());
  const auto& sinks = result.config.streams.at(0).sinks;
  EXPECT_EQ(sinks.at(0).name, "audit");
  EXPECT_TRUE(sinks.at(0).required);
  EXPECT_THAT(sinks.at(0).event_types, IsEmpty());
  EXPECT_EQ(sinks.at(0).retry.base, 1000ms);
  EXPECT_EQ(sinks.at(0).retry.max, 30000ms);
  EXPECT_EQ(sinks.at(0).sync, SinkConfig::Sync::interval);
  EXPECT_EQ(sinks.at(0).sync_interval, 100ms);
  EXPECT_EQ(sinks.at(0).mode, 0640U);
  EXPECT_TRUE(sinks.at(0).chain);
  EXPECT_FALSE(sinks.at(0).seal);
  EXPECT_EQ(sinks.at(0).rotate, RotateConfig{});
  EXPECT_EQ(sinks.at(1).name, "stdout");
  EXPECT_FALSE(sinks.at(1).required);
}

TEST_F(ConfigTest, EveryKeyIsTaken) {
  world_.files["/cert.pem"] = world_.files["/key.pem"] = "PEM";
  const json root = json::parse(R"({
    "state_dir": "/state", "shutdown_timeout_s": 3, "max_connections_per_org": 2,
    "log": {"level": "debug", "target": "journal"}, "metrics": {"interval_s": 5, "listen": null},
    "streams": [{
      "name": "a-1", "region": "mypurecloud.de:8443", "protocol": "analytics-stream",
      "endpoints": {"oauth_url": "http://localhost:1/t", "stream_url": "ws://127.0.0.1:2/s",
                    "api_url": "https://api.example"},
      "oauth": {"client_id": "id", "client_secret_file": "/secret", "client_auth": "basic",
                "scopes": [], "refresh_margin_s": 7},
      "token_in": "header", "event_types": ["interaction:media", "routing:queue:member"],
      "buffer_size": 500, "start_at": 0,
      "tls": {"ca_file": "/ca.pem", "min_version": "1.3", "client_cert_file": "/cert.pem",
              "client_key_file": "/key.pem"},
      "reconnect": {"base_delay_ms": 1, "max_delay_ms": 2, "max_attempts": 0, "jitter": "none",
                    "stable_after_s": 9},
      "connect_timeout_s": 4, "liveness": {"idle_timeout_s": 8},
      "integrity": {"on_gap": "record", "gap_threshold": 3, "max_resumes_per_minute": 0},
      "limits": {"max_frame_bytes": 2048},
      "sinks": [{"type": "file", "name": "f", "required": false, "path": "/e",
                 "event_types": ["interaction:media"], "fsync": "batch", "fsync_interval_ms": 5,
                 "mode": "600", "retry": {"base_delay_ms": 6, "max_delay_ms": 7}},
                {"type": "audit", "path": "/a", "fsync": "never", "chain": false,
                 "rotate": {"max_bytes": 4096, "max_age_s": 86400, "keep": 7,
                            "max_total_bytes": 8192, "compress": "zstd"}}]
    }]})");
  const auto result = parse(root);
  ASSERT_THAT(lines_of(result), IsEmpty());
  const StreamConfig& stream = result.config.streams.at(0);
  EXPECT_EQ(result.config.log.target, "journal");
  EXPECT_EQ(stream.endpoints.stream_url, "ws://127.0.0.1:2/s");
  EXPECT_EQ(stream.oauth.client_secret.where, "/secret");
  EXPECT_EQ(stream.oauth.client_auth, OAuthConfig::ClientAuth::basic);
  EXPECT_THAT(stream.oauth.scopes, IsEmpty());
  EXPECT_EQ(stream.token_in, StreamConfig::TokenIn::header);
  EXPECT_EQ(stream.start_at, 0U);
  EXPECT_EQ(stream.tls.client_key_file, "/key.pem");
  EXPECT_EQ(stream.reconnect.max_attempts, 0U);
  EXPECT_EQ(stream.reconnect.backoff.jitter, Jitter::none);
  EXPECT_EQ(stream.integrity.on_gap, IntegrityConfig::OnGap::record);
  EXPECT_EQ(stream.max_frame_bytes, 2048U);
  EXPECT_EQ(stream.sinks.at(0).mode, 0600U);
  EXPECT_EQ(stream.sinks.at(0).sync, SinkConfig::Sync::batch);
  EXPECT_EQ(stream.sinks.at(1).sync, SinkConfig::Sync::never);
  EXPECT_FALSE(stream.sinks.at(1).chain);
  const RotateConfig rotate{4096, 86400s, 7, 8192, RotateConfig::Compress::zstd};
  EXPECT_EQ(stream.sinks.at(1).rotate, rotate);
  EXPECT_THAT(result.warnings, IsEmpty());
}

TEST_F(ConfigTest, TheProxyComesFromTheKeyThenTheEnvironment) {
  world_.environment["https_proxy"] = "lower:2";
  json root = minimal_configuration();
  const auto choice = [&] { return parse(root).config.streams.at(0).proxy; };
  EXPECT_EQ(choice().proxy, parse_proxy("http://lower:2"));
  EXPECT_TRUE(choice().by_environment);
  world_.environment["HTTPS_PROXY"] = "http://u:p@upper:3/";
  EXPECT_EQ(choice().proxy, parse_proxy("http://u:p@upper:3"));
  root["streams"][0]["proxy"] = "http://key:1";
  EXPECT_EQ(choice().proxy, parse_proxy("http://key:1"));
  EXPECT_FALSE(choice().by_environment);
  for (const json& none : {json(nullptr), json("")}) {
    root["streams"][0]["proxy"] = none;
    EXPECT_FALSE(choice().proxy);
  }
}

TEST_F(ConfigTest, NoProxyExemptsHostsFromTheEnvironmentsProxy) {
  world_.environment["HTTPS_PROXY"] = "http://proxy:3";
  world_.environment["NO_PROXY"] = "login.mypurecloud.com";
  const auto result = parse(minimal_configuration());
  const ProxyChoice& choice = result.config.streams.at(0).proxy;
  EXPECT_NE(choice.way_to(*parse_url("https://api.mypurecloud.com/")), nullptr);
  EXPECT_EQ(choice.way_to(*parse_url("https://login.mypurecloud.com/")), nullptr);
  EXPECT_THAT(result.notes, ElementsAre(HasSubstr("$HTTPS_PROXY is used"),
                                        HasSubstr("login.mypurecloud.com is reached without it")));
}

TEST_F(ConfigTest, AVariableThatConcernsNoEndpointMaySayWhatItLikes) {
  world_.environment["HTTPS_PROXY"] = "socks5://proxy:3";
  json root = minimal_configuration();
  EXPECT_THAT(lines_of(parse(root)), ElementsAre(HasSubstr("/streams/0/proxy: $HTTPS_PROXY is")));
  world_.environment["NO_PROXY"] = "*";
  EXPECT_THAT(lines_of(parse(root)), IsEmpty());
  world_.environment.erase("NO_PROXY");
  root["streams"][0]["endpoints"] = {{"oauth_url", "https://localhost:1/t"},
                                     {"stream_url", "wss://127.0.0.1:2/s"}};
  EXPECT_THAT(lines_of(parse(root)), IsEmpty());
}

TEST_F(ConfigTest, AnEntryOfNoProxyThatIsNoneIsWarnedOf) {
  world_.environment["HTTPS_PROXY"] = "http://proxy:3";
  world_.environment["NO_PROXY"] = "10.0.0.0/99";
  EXPECT_THAT(parse(minimal_configuration()).warnings, ElementsAre(HasSubstr("10.0.0.0/99")));
}

TEST_F(ConfigTest, TheProxysPasswordIsMaskedWhereItIsPrinted) {
  json root = minimal_configuration();
  root["streams"][0]["proxy"] = "http://u:hidden-word@proxy:1";
  const std::string printed = print_config(parse(root).config);
  EXPECT_THAT(printed, HasSubstr(R"("proxy": "http://u:********@proxy:1")"));
  EXPECT_THAT(printed, Not(HasSubstr("hidden-word")));
  EXPECT_THAT(print_config(parse(minimal_configuration()).config), HasSubstr(R"("proxy": null)"));
}

TEST_F(ConfigTest, SealsAreHourlyUnlessToldOtherwise) {
  json root = minimal_configuration();
  json& sink = root["streams"][0]["sinks"][0];
  sink["seal"] = {{"key_file", "/secret"}};
  EXPECT_EQ(parse(root).config.streams.at(0).sinks.at(0).seal, (SealConfig{3600s, "/secret"}));
  sink["seal"]["interval_s"] = 5;
  EXPECT_EQ(parse(root).config.streams.at(0).sinks.at(0).seal, (SealConfig{5s, "/secret"}));
  sink["seal"] = nullptr;
  const auto result = parse(root);
  EXPECT_THAT(lines_of(result), IsEmpty());
  EXPECT_FALSE(result.config.streams.at(0).sinks.at(0).seal);
}

TEST_F(ConfigTest, RedactRulesAreTakenWithTheirKeysAndPrintedWithout) {
  world_.files["/key"] = "a key of more than 16 bytes\r\n";
  json root = minimal_configuration();
  json& sink = root["streams"][0]["sinks"][0];
  EXPECT_FALSE(redacts(parse(root).config.streams.at(0)));
  sink["redact"] = json::parse(R"([
    {"pointer": "/participants/*/name", "action": "remove"},
    {"pointer": "/ani", "action": "hmac", "key_file": "/key"},
    {"pointer": "/dnis", "action": "mask"}])");
  const auto result = parse(root);
  ASSERT_THAT(lines_of(result), IsEmpty());
  const auto& rules = result.config.streams.at(0).sinks.at(0).redact;
  ASSERT_EQ(rules.size(), 3U);
  EXPECT_EQ(rules[0].pointer, "/participants/*/name");
  EXPECT_EQ(rules[0].action, RedactRule::Action::remove);
  EXPECT_EQ(rules[1].action, RedactRule::Action::hmac);
  EXPECT_EQ(rules[1].key.reveal(), "a key of more than 16 bytes");
  EXPECT_EQ(rules[2].action, RedactRule::Action::mask);
  EXPECT_TRUE(redacts(result.config.streams.at(0)));
  const std::string printed = print_config(result.config);
  EXPECT_EQ(json::parse(printed)["streams"][0]["sinks"][0]["redact"], sink["redact"]);
  EXPECT_EQ(printed.find("a key of"), std::string::npos);
  for (const json& none : {json(nullptr), json::array()}) {
    sink["redact"] = none;
    EXPECT_FALSE(redacts(parse(root).config.streams.at(0)));
  }
}

TEST_F(ConfigTest, EnvironmentStandsInForKeysThatAreAbsent) {
  world_.environment = {{"GENESYS_CLIENT_ID", "env-id"},
                        {"GENESYS_CLIENT_SECRET", "env-secret"},
                        {"STATE_DIRECTORY", "/one:/two"},
                        {"JOURNAL_STREAM", "8:1"}};
  json root = minimal_configuration();
  root["streams"][0].erase("oauth");
  const auto result = parse(root);
  ASSERT_THAT(lines_of(result), IsEmpty());
  EXPECT_EQ(result.config.streams.at(0).oauth.client_id, "env-id");
  EXPECT_EQ(result.config.state_dir, "/one");
  EXPECT_EQ(result.config.log.target, "journal");
}

TEST_F(ConfigTest, TheSecretComesFromTheKeyThenTheCredentialsThenTheEnvironment) {
  world_.environment["CREDENTIALS_DIRECTORY"] = "/cred";
  json root = minimal_configuration();
  const auto source = [&] { return parse(root).config.streams.at(0).oauth.client_secret; };
  EXPECT_EQ(source().where, "GENESYS_CLIENT_SECRET");
  world_.files["/cred/main.client_secret"] = "x";
  EXPECT_EQ(source().where, "/cred/main.client_secret");
  EXPECT_EQ(source().kind, SecretSource::Kind::file);
  root["streams"][0]["oauth"]["client_secret_file"] = "/secret";
  EXPECT_EQ(source().where, "/secret");
}

TEST_F(ConfigTest, AClientIdFileLosesOneLineBreak) {
  json root = minimal_configuration();
  root["streams"][0]["oauth"] = {{"client_id_file", "/id"}};
  world_.files["/id"] = "from-file\n";
  EXPECT_EQ(parse(root).config.streams.at(0).oauth.client_id, "from-file");
}

TEST_F(ConfigTest, TheBufferSizeIsClampedAndSaidSo) {
  for (const auto& [asked, size] : {std::pair{0, 1U}, {-5, 1U}, {501, 500U}, {1000000, 500U}}) {
    const auto result = set("/streams/0/buffer_size=" + std::to_string(asked));
    EXPECT_THAT(lines_of(result), IsEmpty());
    EXPECT_EQ(result.config.streams.at(0).buffer_size, size);
    ASSERT_EQ(result.warnings.size(), 1U);
    EXPECT_THAT(result.warnings[0], HasSubstr("/streams/0/buffer_size"));
  }
  EXPECT_THAT(set("/streams/0/buffer_size=1").warnings, IsEmpty());
  EXPECT_THAT(set("/streams/0/buffer_size=500").warnings, IsEmpty());
}

TEST_F(ConfigTest, WithoutAnAuditSinkThereIsAWarning) {
  const auto result = set("/streams/0/sinks/0/type=file");
  EXPECT_THAT(lines_of(result), IsEmpty());
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("/streams/0/sinks")));
}

TEST_F(ConfigTest, WhatBecomesOfRotatedFilesWithoutRotationIsWarnedOf) {
  for (const json& rotate :
       {json{{"keep", 1}}, json{{"max_total_bytes", 1}}, json{{"compress", "gzip"}}}) {
    const auto result = set("/streams/0/sinks/0/rotate=" + rotate.dump());
    EXPECT_THAT(lines_of(result), IsEmpty());
    const std::string key = rotate.begin().key();
    EXPECT_THAT(result.warnings,
                ElementsAre(HasSubstr("/streams/0/sinks/0/rotate/" + key + ": nothing is ever")));
  }
  for (std::string_view rotate :
       {R"({"max_bytes":4096,"keep":1})", R"({"max_age_s":1,"compress":"gzip"})", "{}"})
    EXPECT_THAT(set("/streams/0/sinks/0/rotate=" + std::string(rotate)).warnings, IsEmpty());
}

TEST_F(ConfigTest, OverridesTakeJsonOrText) {
  EXPECT_EQ(set("/shutdown_timeout_s=3").config.shutdown_timeout, 3s);
  EXPECT_EQ(set("/streams/0/region=eu-west-1").config.streams.at(0).region, "eu-west-1");
  EXPECT_EQ(set("/streams/0/region=\"eu-west-1\"").config.streams.at(0).region, "eu-west-1");
  EXPECT_EQ(set("/state_dir=/a=b").config.state_dir, "/a=b");
  EXPECT_EQ(set("/log={\"level\":\"warn\"}").config.log.level, "warn");
  EXPECT_EQ(set("/streams/0/reconnect/max_attempts=0").config.streams.at(0).reconnect.max_attempts,
            0U);
}

TEST_F(ConfigTest, TheLastOverrideOfAKeyWins) {
  const auto result =
      parse(minimal_configuration(), {{"/shutdown_timeout_s", "3"}, {"/shutdown_timeout_s", "4"}});
  EXPECT_EQ(result.config.shutdown_timeout, 4s);
}

TEST_F(ConfigTest, AnOverrideThatReachesNothingIsAnError) {
  for (std::string_view change : {"/streams/x/name=a", "/streams/0/name/deeper=1", "/a~2b=1"})
    EXPECT_THAT(lines_of(set(change)), testing::Contains(HasSubstr("--set"))) << change;
  EXPECT_THAT(lines_of(set("/nonsense=1")), ElementsAre(HasSubstr("/nonsense: unknown key")));
}

TEST_F(ConfigTest, AnOverrideFarBehindAnArraysEndIsAnErrorToo) {
  EXPECT_NO_THROW(
      EXPECT_THAT(lines_of(set("/streams/4000000000000000000/name=a")), testing::Not(IsEmpty())));
}

TEST(ParseOverride, SplitsAtTheFirstEqualsSign) {
  const auto change = parse_override("/a/b=c=d");
  ASSERT_TRUE(change);
  EXPECT_EQ(change->pointer, "/a/b");
  EXPECT_EQ(change->value, "c=d");
  EXPECT_EQ(parse_override("/a=")->value, "");
  for (std::string_view text : {"", "a=b", "/a", "=b", "a/b=c"})
    EXPECT_FALSE(parse_override(text)) << text;
}

TEST(ConfigErrorText, IsOneLineWithAllThatIsKnown) {
  EXPECT_EQ(to_string(ConfigError{"/a", "wrong", "right", "rihgt"}),
            R"(/a: wrong; allowed: right; did you mean "rihgt"?)");
  EXPECT_EQ(to_string(ConfigError{"/a", "wrong", "", ""}), "/a: wrong");
  EXPECT_EQ(to_string(ConfigError{"", "not valid", "", ""}), "/: not valid");
}

TEST_F(ConfigTest, WhatIsPrintedIsAConfigurationThatMeansTheSame) {
  json root = minimal_configuration();
  root["streams"][0]["oauth"]["client_secret_file"] = "/secret";
  root["streams"][0]["start_at"] = 7;
  root["streams"][0]["sinks"][0]["seal"] = {{"interval_s", 60}, {"key_file", "/secret"}};
  root["streams"][0]["tls"] = {{"ca_file", "/ca.pem"}};
  root["streams"][0]["sinks"].push_back({{"type", "stdout"}});
  root["streams"][0]["sinks"].push_back({{"type", "file"},
                                         {"path", "/e"},
                                         {"fsync", "batch"},
                                         {"event_types", {"interaction:conversation"}},
                                         {"rotate", {{"max_age_s", 60}, {"compress", "gzip"}}},
                                         {"mode", "600"}});
  const std::string printed = print_config(parse(root).config);
  EXPECT_TRUE(printed.ends_with("}\n"));
  json again = json::parse(printed);
  EXPECT_EQ(again["streams"][0]["oauth"]["client_secret"], "********");
  again["streams"][0]["oauth"].erase("client_secret");
  const auto result = parse(again);
  EXPECT_THAT(lines_of(result), IsEmpty());
  EXPECT_EQ(print_config(result.config), printed);
}

TEST_F(ConfigTest, WhatIsPrintedNeverHoldsTheSecret) {
  world_.files["/secret"] = "file-secret";
  for (std::string_view change : {"/streams/0/oauth/client_secret_file=/secret", "/log={}"})
    EXPECT_THAT(print_config(set(change).config), Not(testing::ContainsRegex("(file|env)-secret")));
}

}  // namespace
}  // namespace gcstreamd
