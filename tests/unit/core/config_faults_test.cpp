// One fault each: where it is, what is wrong, what is allowed, what was meant.
#include <gmock/gmock.h>

#include "gcstreamd/core/config.hpp"
#include "helpers/configuration.hpp"

namespace gcstreamd {
namespace {

using nlohmann::json;
using testing::HasSubstr;

struct FaultCase {
  std::string_view pointer;  ///< of the value that is set, and of the error
  std::string_view value;    ///< JSON; "" takes the key away
  std::string_view what;
  std::string_view allowed;
  std::string_view nearest;
  std::string_view told_at;  ///< where the error is told, when elsewhere
};

void PrintTo(const FaultCase& one, std::ostream* out) {
  *out << one.pointer << " = " << one.value;
}

class ConfigFault : public testing::TestWithParam<FaultCase> {};

TEST_P(ConfigFault, IsToldInOneLine) {
  const FaultCase& one = GetParam();
  json root = minimal_configuration();
  const json::json_pointer pointer{std::string(one.pointer)};
  if (one.value.empty())
    root.at(pointer.parent_pointer()).erase(pointer.back());
  else
    root[pointer] = json::parse(one.value);
  const World world;
  const auto result = parse_config(root.dump(), world.inputs(), {});
  std::string lines;
  for (const ConfigError& error : result.errors)
    lines += to_string(error) + '\n';
  ASSERT_EQ(result.errors.size(), 1U) << lines;
  const ConfigError& error = result.errors[0];
  EXPECT_EQ(error.pointer, one.told_at.empty() ? one.pointer : one.told_at);
  EXPECT_THAT(error.what, HasSubstr(one.what));
  EXPECT_THAT(error.allowed, HasSubstr(one.allowed));
  EXPECT_EQ(error.nearest, one.nearest);
}

INSTANTIATE_TEST_SUITE_P(
    TopLevel, ConfigFault,
    testing::Values(
        FaultCase{"/stat_dir", R"("/x")", "unknown key", "state_dir", "state_dir", ""},
        FaultCase{"/zzz", "1", "unknown key", "streams", "", ""},
        FaultCase{"/a~1b~0c", "1", "unknown key", "streams", "", ""},
        FaultCase{"/state_dir", R"("")", "empty", "path", "", ""},
        FaultCase{"/state_dir", "5", "not a string", "a string", "", ""},
        FaultCase{"/shutdown_timeout_s", "0", "out of range", "1 to 3600", "", ""},
        FaultCase{"/shutdown_timeout_s", "1.5", "", "integer", "", ""},
        FaultCase{"/shutdown_timeout_s", R"("3")", "not a number", "integer", "", ""},
        FaultCase{"/shutdown_timeout_s", "18446744073709551615", "out of range", "3600", "", ""},
        FaultCase{"/shutdown_timeout_s", "null", "not a number", "integer", "", ""},
        FaultCase{"/log", "5", "not an object", "object", "", ""},
        FaultCase{"/log", R"({"level":"inof"})", "unknown value \"inof\"", "trace, debug", "info",
                  "/log/level"},
        FaultCase{"/log", R"({"target":"file"})", "unknown value", "journal, stderr", "",
                  "/log/target"},
        FaultCase{"/log", R"({"levle":"info"})", "unknown key", "level", "level", "/log/levle"},
        FaultCase{"/metrics", R"({"listen":5})", "not an address", "null", "", "/metrics/listen"},
        FaultCase{"/metrics", R"({"listen":"9477"})", "not an address", "unix:/path", "",
                  "/metrics/listen"},
        FaultCase{"/metrics", R"({"interval_s":0})", "out of range", "1 to", "",
                  "/metrics/interval_s"},
        FaultCase{"/streams", "", "missing", "one or more", "", ""},
        FaultCase{"/streams", "[]", "empty", "one or more", "", ""},
        FaultCase{"/streams", "{}", "not an array", "one or more", "", ""}));

INSTANTIATE_TEST_SUITE_P(
    Stream, ConfigFault,
    testing::Values(
        FaultCase{"/streams/0/name", "", "missing", "string", "", ""},
        FaultCase{"/streams/0/name", R"("Main")", "not a name", "a-z", "", ""},
        FaultCase{"/streams/0/name", R"("-a")", "not a name", "a-z", "", ""},
        FaultCase{"/streams/0/name", R"("")", "not a name", "a-z", "", ""},
        FaultCase{"/streams/0/name", R"("a23456789012345678901234567890123")", "not a name", "31",
                  "", ""},
        FaultCase{"/streams/0/name", "5", "not a string", "string", "", ""},
        FaultCase{"/streams/0/region", "", "missing", "string", "", ""},
        FaultCase{"/streams/0/region", "5", "not a string", "string", "", ""},
        FaultCase{"/streams/0/region", R"("us-east-11")", "unknown region", "eu-west-1",
                  "us-east-1", ""},
        FaultCase{"/streams/0/region", R"("nowhere")", "unknown region", "or a domain", "", ""},
        FaultCase{"/streams/0/region", R"("us-east-1.mypurecloud.com")", "no such domain",
                  "us-east-1", "us-east-1", ""},
        FaultCase{"/streams/0/region", R"("mypurecloud.com/path")", "unknown region", "domain", "",
                  ""},
        FaultCase{"/streams/0/region", R"("mypurecloud.com?a=b")", "unknown region", "domain", "",
                  ""},
        FaultCase{"/streams/0/region", R"("my purecloud.com")", "unknown region", "domain", "", ""},
        FaultCase{"/streams/0/region", R"("a.b:99999")", "unknown region", "domain", "", ""},
        FaultCase{"/streams/0/protocol", R"("analytics-steam")", "unknown value",
                  "analytics-stream", "analytics-stream", ""},
        FaultCase{"/streams/0/protocol", "5", "not a string", "string", "", ""},
        FaultCase{"/streams/0/topics", "[]", "notifications", "leave it out", "", ""},
        FaultCase{"/streams/0/proxy", R"("https://p:1")", "not a proxy's URL", "http://", "", ""},
        FaultCase{"/streams/0/proxy", R"("p:1")", "not a proxy's URL", "http://", "", ""},
        FaultCase{"/streams/0/proxy", R"("http://u:p@ss@p:1")", "not a proxy's URL",
                  "percent-encoded", "", ""},
        FaultCase{"/streams/0/proxy", "5", "not a proxy's URL", "http://", "", ""},
        FaultCase{"/streams/0/queues", R"(["*"])", "notifications", "leave it out", "", ""},
        FaultCase{"/streams/0/backfill", "{}", "notifications", "leave it out", "", ""},
        FaultCase{"/max_requests_per_minute", "1", "out of range", "10", "", ""},
        FaultCase{"/streams/0/token_in", R"("quer")", "unknown value", "query, header", "query",
                  ""},
        FaultCase{"/streams/0/event_types", "", "missing", "interaction:media", "", ""},
        FaultCase{"/streams/0/event_types", "[]", "empty", "interaction:media", "", ""},
        FaultCase{"/streams/0/event_types", R"("interaction:media")", "not an array", "strings", "",
                  ""},
        FaultCase{"/streams/0/event_types/0", "5", "not a string", "string", "", ""},
        FaultCase{"/streams/0/event_types/1", R"("interaction:medai")", "unknown event type",
                  "interaction:media", "interaction:media", ""},
        FaultCase{"/streams/0/event_types/1", R"("interaction:conversation")", "twice", "once", "",
                  ""},
        FaultCase{"/streams/0/buffer_size", R"("100")", "not a number", "integer", "", ""},
        FaultCase{"/streams/0/start_at", "-1", "not a place", "tip", "", ""},
        FaultCase{"/streams/0/start_at", "1.5", "not a place", "tip", "", ""},
        FaultCase{"/streams/0/start_at", R"("top")", "not a place", "tip", "", ""},
        FaultCase{"/streams/0/start_at", "9007199254740992", "not a place", "tip", "", ""},
        FaultCase{"/streams/0/tls", R"({"verify":false})", "unknown key", "ca_file", "",
                  "/streams/0/tls/verify"},
        FaultCase{"/streams/0/tls", R"({"min_version":"1.1"})", "unknown value", "1.2, 1.3", "1.2",
                  "/streams/0/tls/min_version"},
        FaultCase{"/streams/0/tls", R"({"ca_file":"/none"})", "cannot be read", "PEM", "",
                  "/streams/0/tls/ca_file"},
        FaultCase{"/streams/0/tls", R"({"ca_file":5})", "not a string", "string", "",
                  "/streams/0/tls/ca_file"},
        FaultCase{"/streams/0/tls", R"({"client_cert_file":"/ca.pem"})", "missing", "together", "",
                  "/streams/0/tls/client_key_file"},
        FaultCase{"/streams/0/tls", R"({"client_key_file":"/ca.pem"})", "missing", "together", "",
                  "/streams/0/tls/client_cert_file"},
        FaultCase{"/streams/0/reconnect", R"({"jitter":"full"})", "unknown value", "equal, none",
                  "", "/streams/0/reconnect/jitter"},
        FaultCase{"/streams/0/reconnect", R"({"max_attempts":-1})", "out of range", "0 to", "",
                  "/streams/0/reconnect/max_attempts"},
        FaultCase{"/streams/0/reconnect", R"({"base_delay_ms":0})", "out of range", "1 to", "",
                  "/streams/0/reconnect/base_delay_ms"},
        FaultCase{"/streams/0/integrity", R"({"on_stale_position":"restart"})", "restart",
                  "stop, restart_at_tip", "", "/streams/0/integrity/on_stale_position"},
        FaultCase{"/streams/0/integrity", R"({"on_gap":"ignore"})", "unknown value",
                  "resume, record", "", "/streams/0/integrity/on_gap"},
        FaultCase{"/streams/0/integrity", R"({"gap_threshold":0})", "out of range", "1 to", "",
                  "/streams/0/integrity/gap_threshold"},
        FaultCase{"/streams/0/limits", R"({"max_frame_bytes":10})", "out of range", "1024", "",
                  "/streams/0/limits/max_frame_bytes"},
        FaultCase{"/streams/0/liveness", R"({"idle_timeout_s":0})", "out of range", "1 to", "",
                  "/streams/0/liveness/idle_timeout_s"}));

INSTANTIATE_TEST_SUITE_P(
    Endpoints, ConfigFault,
    testing::Values(FaultCase{"/streams/0/endpoints", R"({"oauth_url":"http://login.example/t"})",
                              "unencrypted", "loopback", "", "/streams/0/endpoints/oauth_url"},
                    FaultCase{"/streams/0/endpoints", R"({"stream_url":"ws://api.example/"})",
                              "unencrypted", "wss://", "", "/streams/0/endpoints/stream_url"},
                    FaultCase{"/streams/0/endpoints", R"({"stream_url":"https://api.example/"})",
                              "not such", "wss://", "", "/streams/0/endpoints/stream_url"},
                    FaultCase{"/streams/0/endpoints", R"({"oauth_url":"wss://api.example/"})",
                              "not such", "https://", "", "/streams/0/endpoints/oauth_url"},
                    FaultCase{"/streams/0/endpoints", R"({"api_url":"https://u:p@api.example/"})",
                              "not such", "user information", "", "/streams/0/endpoints/api_url"},
                    FaultCase{"/streams/0/endpoints", R"({"api_url":"api.example"})", "not such",
                              "https://", "", "/streams/0/endpoints/api_url"},
                    FaultCase{"/streams/0/endpoints", R"({"api_url":5})", "not a string", "string",
                              "", "/streams/0/endpoints/api_url"},
                    FaultCase{"/streams/0/endpoints", R"({"oauth":"x"})", "unknown key",
                              "oauth_url", "", "/streams/0/endpoints/oauth"}));

INSTANTIATE_TEST_SUITE_P(
    OAuth, ConfigFault,
    testing::Values(
        FaultCase{"/streams/0/oauth/client_id", "", "no client id", "GENESYS_CLIENT_ID", "", ""},
        FaultCase{"/streams/0/oauth/client_id", R"("")", "no client id", "GENESYS_CLIENT_ID", "",
                  ""},
        FaultCase{"/streams/0/oauth/client_id", "5", "not a string", "string", "", ""},
        FaultCase{"/streams/0/oauth/client_id_file", R"("/secret")", "beside", "one of", "", ""},
        FaultCase{"/streams/0/oauth", R"({"client_id_file":"/none"})", "cannot be read", "file", "",
                  "/streams/0/oauth/client_id_file"},
        FaultCase{"/streams/0/oauth/client_secret", R"("x")", "no key holds a secret",
                  "client_secret_file", "client_secret_file", ""},
        FaultCase{"/streams/0/oauth/access_token", R"("x")", "no key holds a secret",
                  "client_secret_file", "client_secret_file", ""},
        FaultCase{"/streams/0/oauth/client_secret_file", R"("/none")", "cannot be read", "owner",
                  "", ""},
        FaultCase{"/streams/0/oauth/client_secret_file", "5", "not a string", "string", "", ""},
        FaultCase{"/streams/0/oauth/client_auth", R"("bsaic")", "unknown value", "post, basic",
                  "basic", ""},
        FaultCase{"/streams/0/oauth/scopes", R"("a")", "not an array", "strings", "", ""},
        FaultCase{"/streams/0/oauth/scopes", "[1]", "not a string", "string", "",
                  "/streams/0/oauth/scopes/0"},
        FaultCase{"/streams/0/oauth/refresh_margin_s", "-1", "out of range", "0 to", "", ""},
        FaultCase{"/streams/0/oauth/client_ids", "1", "unknown key", "client_id", "client_id",
                  ""}));

INSTANTIATE_TEST_SUITE_P(
    Sinks, ConfigFault,
    testing::Values(
        FaultCase{"/streams/0/sinks", "", "missing", "one or more", "", ""},
        FaultCase{"/streams/0/sinks", "[]", "empty", "one or more", "", ""},
        FaultCase{"/streams/0/sinks/0/type", "", "missing", "stdout, file, audit", "", ""},
        FaultCase{"/streams/0/sinks/0/type", R"("aduit")", "unknown value", "stdout, file, audit",
                  "audit", ""},
        FaultCase{"/streams/0/sinks/0/name", R"("Bad Name")", "not a name", "a-z", "", ""},
        FaultCase{"/streams/0/sinks/0/path", "", "missing", "string", "", ""},
        FaultCase{"/streams/0/sinks/0/path", R"("")", "empty", "path", "", ""},
        FaultCase{"/streams/0/sinks/0/path", "5", "not a string", "string", "", ""},
        FaultCase{"/streams/0/sinks/0/required", R"("yes")", "not a boolean", "true, false", "",
                  ""},
        FaultCase{"/streams/0/sinks/0/fsync", R"("always")", "unknown value", "interval, batch", "",
                  ""},
        FaultCase{"/streams/0/sinks/0/path", R"("/e.20261123T184455Z-000001.gz")", "rotated file",
                  "without a time", "", ""},
        FaultCase{"/streams/0/sinks/0/rotate", "5", "not an object", "object", "", ""},
        FaultCase{"/streams/0/sinks/0/rotate", R"({"max_byte":1})", "unknown key", "max_age_s",
                  "max_bytes", "/streams/0/sinks/0/rotate/max_byte"},
        FaultCase{"/streams/0/sinks/0/rotate", R"({"max_bytes":4095})", "too small", "4096", "",
                  "/streams/0/sinks/0/rotate/max_bytes"},
        FaultCase{"/streams/0/sinks/0/rotate", R"({"max_bytes":-1})", "out of range", "from 0", "",
                  "/streams/0/sinks/0/rotate/max_bytes"},
        FaultCase{"/streams/0/sinks/0/rotate", R"({"max_age_s":315360001})", "out of range",
                  "315360000", "", "/streams/0/sinks/0/rotate/max_age_s"},
        FaultCase{"/streams/0/sinks/0/rotate", R"({"max_bytes":4096,"keep":1000001})",
                  "out of range", "1000000", "", "/streams/0/sinks/0/rotate/keep"},
        FaultCase{"/streams/0/sinks/0/rotate", R"({"max_bytes":4096,"max_total_bytes":4095})",
                  "smaller than max_bytes", "0 (no limit)", "",
                  "/streams/0/sinks/0/rotate/max_total_bytes"},
        FaultCase{"/streams/0/sinks/0/rotate", R"({"max_bytes":4096,"compress":"gzib"})",
                  "unknown value", "none, gzip, zstd", "gzip",
                  "/streams/0/sinks/0/rotate/compress"},
        FaultCase{"/streams/0/sinks/0/mode", R"("0999")", "not a file mode", "octal", "", ""},
        FaultCase{"/streams/0/sinks/0/mode", R"("0440")", "not a file mode", "octal", "", ""},
        FaultCase{"/streams/0/sinks/0/mode", R"("7777")", "not a file mode", "octal", "", ""},
        FaultCase{"/streams/0/sinks/0/mode", "640", "not a string", "string", "", ""},
        FaultCase{"/streams/0/sinks/0/event_types", R"(["interaction:media"])",
                  "unknown event type", "interaction:conversation", "",
                  "/streams/0/sinks/0/event_types/0"},
        FaultCase{"/streams/0/sinks/0/retry", R"({"max_delay_ms":0})", "out of range", "1 to", "",
                  "/streams/0/sinks/0/retry/max_delay_ms"},
        FaultCase{"/streams/0/sinks/0/seal", R"({"interval_s":1})", "missing", "string", "",
                  "/streams/0/sinks/0/seal/key_file"},
        FaultCase{"/streams/0/sinks/0/seal", R"({"key_file":"/absent"})", "/absent: cannot be read",
                  "Ed25519", "", "/streams/0/sinks/0/seal/key_file"},
        FaultCase{"/streams/0/sinks/0/seal", R"({"key_file":"/ca.pem"})",
                  "/ca.pem: it holds no key", "Ed25519", "", "/streams/0/sinks/0/seal/key_file"},
        FaultCase{"/streams/0/sinks/0/seal", R"({"interval_s":0,"key_file":"/secret"})",
                  "out of range", "1 to", "", "/streams/0/sinks/0/seal/interval_s"},
        FaultCase{"/streams/0/sinks/0/seal", R"({"key_fil":"/secret","key_file":"/secret"})",
                  "unknown key", "interval_s, key_file", "key_file",
                  "/streams/0/sinks/0/seal/key_fil"},
        FaultCase{"/streams/0/sinks/0/seal", "5", "not an object", "a JSON object", "", ""},
        FaultCase{"/streams/0/sinks/0",
                  R"({"type":"audit","path":"/x","chain":false,"seal":{"key_file":"/secret"}})",
                  "given beside \"chain\": false", "either", "", "/streams/0/sinks/0/seal"},
        FaultCase{"/streams/0/sinks/0/pth", R"("/x")", "unknown key", "path", "path", ""},
        FaultCase{"/streams/0/sinks/1", R"({"type":"stdout","required":true})",
                  "cannot be required", "false", "", "/streams/0/sinks/1/required"},
        FaultCase{"/streams/0/sinks/1", R"({"type":"stdout","path":"/x"})", "unknown key", "type",
                  "", "/streams/0/sinks/1/path"},
        FaultCase{"/streams/0/sinks/1", R"({"type":"audit","path":"/x"})", "named \"audit\"",
                  "its own", "", "/streams/0/sinks/1/name"},
        FaultCase{"/streams/0/sinks/1",
                  R"({"type":"file","name":"b","path":"/log/../log/audit.jsonl"})",
                  "/log/../log/audit.jsonl", "its own", "", "/streams/0/sinks/1/path"}));

constexpr std::string_view kRedact = "/streams/0/sinks/0/redact";

INSTANTIATE_TEST_SUITE_P(
    Redact, ConfigFault,
    testing::Values(
        FaultCase{kRedact, "5", "not an array", "an array", "", ""},
        FaultCase{kRedact, R"([{"action":"mask"}])", "missing", "a string", "",
                  "/streams/0/sinks/0/redact/0/pointer"},
        FaultCase{kRedact, R"([{"pointer":"x","action":"mask"}])", "not a JSON pointer",
                  "/participants/*/name", "", "/streams/0/sinks/0/redact/0/pointer"},
        FaultCase{kRedact, R"([{"pointer":"","action":"mask"}])", "not a JSON pointer",
                  "/participants/*/name", "", "/streams/0/sinks/0/redact/0/pointer"},
        FaultCase{kRedact, R"([{"pointer":"/a~b","action":"mask"}])", "not a JSON pointer",
                  "/participants/*/name", "", "/streams/0/sinks/0/redact/0/pointer"},
        FaultCase{kRedact, R"([{"pointer":"/*/a","action":"mask"}])", "an event is an object",
                  "/participants/*/name", "", "/streams/0/sinks/0/redact/0/pointer"},
        FaultCase{kRedact, R"([{"pointer":"/eventType","action":"mask"}])", "stays in it",
                  "not /sequenceNumber", "", "/streams/0/sinks/0/redact/0/pointer"},
        FaultCase{kRedact, R"([{"pointer":"/sequenceNumber","action":"mask"}])", "stays in it",
                  "not /sequenceNumber", "", "/streams/0/sinks/0/redact/0/pointer"},
        FaultCase{kRedact,
                  R"([{"pointer":"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24)"
                  R"(/25/26/27/28/29/30/31/32/33","action":"mask"}])",
                  "more than 32 steps", "", "", "/streams/0/sinks/0/redact/0/pointer"},
        FaultCase{kRedact,
                  R"([{"pointer":"/a","action":"mask"},{"pointer":"/a","action":"remove"}])",
                  "another rule has it", "once", "", "/streams/0/sinks/0/redact/1/pointer"},
        FaultCase{kRedact, R"([{"pointer":"/a"}])", "missing", "remove, mask, hmac", "",
                  "/streams/0/sinks/0/redact/0/action"},
        FaultCase{kRedact, R"([{"pointer":"/a","action":"maks"}])", "unknown value",
                  "remove, mask, hmac", "mask", "/streams/0/sinks/0/redact/0/action"},
        FaultCase{kRedact, R"([{"pointer":"/a","action":"mask","key_file":"/secret"}])",
                  "only hmac", "leave it out", "", "/streams/0/sinks/0/redact/0/key_file"},
        FaultCase{kRedact, R"([{"pointer":"/a","action":"hmac"}])", "missing", "a string", "",
                  "/streams/0/sinks/0/redact/0/key_file"},
        FaultCase{kRedact, R"([{"pointer":"/a","action":"hmac","key_file":"/absent"}])",
                  "/absent: cannot be read", "openssl rand", "",
                  "/streams/0/sinks/0/redact/0/key_file"},
        FaultCase{kRedact, R"([{"pointer":"/a","action":"hmac","key_file":"/secret"}])",
                  "/secret: its key has fewer than 16 bytes", "openssl rand", "",
                  "/streams/0/sinks/0/redact/0/key_file"},
        FaultCase{kRedact, R"([{"pointer":"/a","action":"mask","with":"x"}])", "unknown key",
                  "action, key_file, pointer", "", "/streams/0/sinks/0/redact/0/with"}));

TEST(ConfigFaults, ARedactionHasAtMostSoManyRulesAndSoLongAKey) {
  World world;
  json root = minimal_configuration();
  json& rules = root["streams"][0]["sinks"][0]["redact"];
  for (int i = 0; i < 64; ++i)
    rules.push_back({{"pointer", "/" + std::to_string(i)}, {"action", "mask"}});
  EXPECT_TRUE(parse_config(root.dump(), world.inputs(), {}).errors.empty());
  rules.push_back({{"pointer", "/x"}, {"action", "mask"}});
  EXPECT_THAT(parse_config(root.dump(), world.inputs(), {}).errors.at(0).what,
              HasSubstr("more than 64 rules"));
  world.files["/key"] = std::string(4097, 'k');
  rules = {{{"pointer", "/x"}, {"action", "hmac"}, {"key_file", "/key"}}};
  EXPECT_THAT(parse_config(root.dump(), world.inputs(), {}).errors.at(0).what,
              HasSubstr("more than 4096 bytes"));
}

std::vector<ConfigError> errors_of(std::string_view text) {
  const World world;
  return parse_config(text, world.inputs(), {}).errors;
}

TEST(ConfigFaults, AllThatCanBeFoundAreToldAtOnce) {
  json root = minimal_configuration();
  root["streams"][0]["region"] = "nowhere";
  root["streams"][0]["buffer_sizes"] = 5;
  root["shutdown_timeout_s"] = 0;
  EXPECT_EQ(errors_of(root.dump()).size(), 3U);
}

TEST(ConfigFaults, StreamsShareNeitherNameNorPathNorTooManyConnections) {
  json root = minimal_configuration();
  root["max_connections_per_org"] = 1;
  root["streams"].push_back(root["streams"][0]);
  const auto errors = errors_of(root.dump());
  ASSERT_EQ(errors.size(), 3U);
  EXPECT_THAT(errors[0].what, HasSubstr("named \"main\""));
  EXPECT_THAT(errors[1].what, HasSubstr("/log/audit.jsonl"));
  EXPECT_THAT(errors[2].allowed, HasSubstr("adjust"));
}

TEST(ConfigFaults, AnEmptyClientIdFileIsNoClientId) {
  json root = minimal_configuration();
  root["streams"][0]["oauth"] = {{"client_id_file", "/id"}};
  World world;
  world.files["/id"] = "\n";
  EXPECT_EQ(parse_config(root.dump(), world.inputs(), {}).errors.size(), 1U);
}

TEST(ConfigFaults, TheRootMustBeAnObject) {
  for (std::string_view text : {"[]", "5", "null", R"("x")"})
    EXPECT_THAT(errors_of(text).at(0).what, HasSubstr("not an object")) << text;
}

}  // namespace
}  // namespace gcstreamd
