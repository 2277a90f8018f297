#include "gcstreamd/core/reload_plan.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

namespace gcstreamd {

/// For the messages of failed expectations.
void PrintTo(const ReloadPlan::Stream& stream, std::ostream* out) {
  *out << fmt::format("{} kind {} token {} filter {} retry {} sinks {}", stream.name,
                      static_cast<int>(stream.kind), stream.new_token, stream.new_filter,
                      stream.retry, stream.sinks);
}

namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Kind = ReloadPlan::Kind;

SinkConfig sink(const std::string& name, const std::string& type = "audit") {
  SinkConfig config;
  config.type = type;
  config.name = name;
  config.path = "/log/" + name;
  config.event_types = {"a"};
  return config;
}

StreamConfig stream(const std::string& name) {
  StreamConfig config;
  config.name = name;
  config.region = "us-east-1";
  config.endpoints = {"https://login", "wss://stream", "https://api"};
  config.oauth.client_id = "id";
  config.oauth.client_secret.where = "/secret";
  config.oauth.scopes = {"s", "t"};
  config.event_types = {"a", "b"};
  config.tls.ca_file = "/ca.pem";
  config.sinks = {sink("one"), sink("two")};
  return config;
}

Config running() {
  Config config;
  config.state_dir = "/state";
  config.streams = {stream("main"), stream("other")};
  return config;
}

ReloadPlan plan(const std::function<void(Config&)>& change) {
  Config next = running();
  change(next);
  return plan_reload(running(), next);
}

ReloadPlan plan_main(const std::function<void(StreamConfig&)>& change) {
  return plan([&](Config& next) { change(next.streams[0]); });
}

TEST(ReloadPlan, TheSameConfigurationChangesNothing) {
  const auto same = plan([](Config&) {});
  EXPECT_THAT(same.changes, IsEmpty());
  EXPECT_THAT(same.details, IsEmpty());
  EXPECT_THAT(same.streams, IsEmpty());
  EXPECT_FALSE(same.state_dir);
}

struct GlobalCase {
  std::string pointer;
  std::function<void(Config&)> change;
  std::string detail;
};

std::vector<GlobalCase> global_cases() {
  return {
      {"/shutdown_timeout_s", [](Config& c) { c.shutdown_timeout = 9s; }, "10 -> 9"},
      {"/log/level", [](Config& c) { c.log.level = "debug"; }, R"("info" -> "debug")"},
      {"/log/target", [](Config& c) { c.log.target = "journal"; }, R"("stderr" -> "journal")"},
      {"/metrics/interval_s", [](Config& c) { c.metrics.interval = 9s; }, "30 -> 9"},
      {"/metrics/listen", [](Config& c) { c.metrics.listen.clear(); },
       R"("127.0.0.1:9477" -> null)"},
      {"/max_connections_per_org", [](Config& c) { c.max_connections_per_org = 9; }, "10 -> 9"},
      {"/max_requests_per_minute", [](Config& c) { c.max_requests_per_minute = 9; }, "300 -> 9"},
  };
}

TEST(ReloadPlan, EachGlobalKeyIsSeenAndConcernsNoStream) {
  for (const GlobalCase& one : global_cases()) {
    const auto result = plan(one.change);
    EXPECT_THAT(result.changes, ElementsAre(one.pointer));
    EXPECT_THAT(result.details, ElementsAre(one.pointer + ": " + one.detail));
    EXPECT_THAT(result.streams, IsEmpty()) << one.pointer;
    EXPECT_FALSE(result.state_dir);
  }
}

TEST(ReloadPlan, AStateDirectoryIsToldApartBecauseItIsNotApplied) {
  const auto result = plan([](Config& c) { c.state_dir = "/x"; });
  EXPECT_TRUE(result.state_dir);
  EXPECT_THAT(result.changes, IsEmpty());
  EXPECT_THAT(result.details, IsEmpty());
}

TEST(ReloadPlan, TheQueryOfAUrlIsNotShown) {
  const auto result =
      plan_main([](StreamConfig& s) { s.endpoints.stream_url = "wss://stream/x?key=secret"; });
  EXPECT_THAT(result.details, ElementsAre(R"(/streams/0/endpoints/stream_url: "wss://stream" -> )"
                                          R"("wss://stream/x?***")"));
}

struct StreamCase {
  std::string key;
  std::function<void(StreamConfig&)> change;
  Kind kind = Kind::live;
  bool new_token = false;
  bool new_filter = false;
  bool retry = false;
};

/// A change of what only the next attempt is made with.
StreamCase retried(const std::string& key, std::function<void(StreamConfig&)> change) {
  return {key, std::move(change), Kind::live, false, false, true};
}

std::vector<StreamCase> oauth_cases() {
  return {
      {"/region", [](StreamConfig& s) { s.region = "x"; }},
      {"/endpoints/oauth_url", [](StreamConfig& s) { s.endpoints.oauth_url = "x"; },
       Kind::reconnect, true},
      {"/endpoints/stream_url", [](StreamConfig& s) { s.endpoints.stream_url = "x"; },
       Kind::replaced},
      {"/endpoints/api_url", [](StreamConfig& s) { s.endpoints.api_url = "x"; }},
      {"/oauth/client_id", [](StreamConfig& s) { s.oauth.client_id = "x"; }, Kind::replaced},
      {"/oauth/client_secret_file", [](StreamConfig& s) { s.oauth.client_secret.where = "/x"; }},
      {"/oauth/client_secret_file",
       [](StreamConfig& s) { s.oauth.client_secret.kind = SecretSource::Kind::environment; }},
      {"/oauth/client_auth",
       [](StreamConfig& s) { s.oauth.client_auth = OAuthConfig::ClientAuth::basic; },
       Kind::reconnect, true},
      {"/oauth/scopes", [](StreamConfig& s) { s.oauth.scopes = {}; }, Kind::reconnect, true},
      {"/oauth/refresh_margin_s", [](StreamConfig& s) { s.oauth.refresh_margin = 9s; }},
      {"/token_in", [](StreamConfig& s) { s.token_in = StreamConfig::TokenIn::header; },
       Kind::reconnect},
      {"/start_at", [](StreamConfig& s) { s.start_at = 0; }},
  };
}

std::vector<StreamCase> connection_cases() {
  return {
      {"/event_types", [](StreamConfig& s) { s.event_types = {"a"}; }, Kind::reconnect, false,
       true},
      {"/buffer_size", [](StreamConfig& s) { s.buffer_size = 9; }, Kind::reconnect},
      {"/tls/ca_file", [](StreamConfig& s) { s.tls.ca_file = ""; }, Kind::reconnect},
      {"/tls/min_version", [](StreamConfig& s) { s.tls.min_version = "1.3"; }, Kind::reconnect},
      {"/tls/client_cert_file", [](StreamConfig& s) { s.tls.client_cert_file = "x"; },
       Kind::reconnect},
      {"/tls/client_key_file", [](StreamConfig& s) { s.tls.client_key_file = "x"; },
       Kind::reconnect},
      {"/proxy", [](StreamConfig& s) { s.proxy.proxy = parse_proxy("http://p:1"); },
       Kind::reconnect},
      {"/limits/max_frame_bytes", [](StreamConfig& s) { s.max_frame_bytes = 9; }, Kind::reconnect},
      retried("/connect_timeout_s", [](StreamConfig& s) { s.connect_timeout = 9s; }),
      {"/liveness/idle_timeout_s", [](StreamConfig& s) { s.idle_timeout = 9s; }},
      retried("/reconnect/base_delay_ms", [](StreamConfig& s) { s.reconnect.backoff.base = 9ms; }),
      retried("/reconnect/max_delay_ms", [](StreamConfig& s) { s.reconnect.backoff.max = 9ms; }),
      retried("/reconnect/max_attempts", [](StreamConfig& s) { s.reconnect.max_attempts = 9; }),
      retried("/reconnect/jitter",
              [](StreamConfig& s) { s.reconnect.backoff.jitter = Jitter::none; }),
      retried("/reconnect/stable_after_s", [](StreamConfig& s) { s.reconnect.stable_after = 9s; }),
      {"/integrity/on_gap",
       [](StreamConfig& s) { s.integrity.on_gap = IntegrityConfig::OnGap::record; }},
      {"/integrity/on_stale_position",
       [](StreamConfig& s) {
         s.integrity.on_stale_position = IntegrityConfig::OnStalePosition::restart_at_tip;
       }},
      {"/integrity/gap_threshold", [](StreamConfig& s) { s.integrity.gap_threshold = 9; }},
      {"/integrity/max_resumes_per_minute",
       [](StreamConfig& s) { s.integrity.max_resumes_per_minute = 9; }},
  };
}

TEST(ReloadPlan, EachKeyOfAStreamIsSeenAndHasItsKind) {
  auto cases = oauth_cases();
  for (const StreamCase& more : connection_cases())
    cases.push_back(more);
  for (const StreamCase& one : cases) {
    const auto result = plan_main(one.change);
    EXPECT_THAT(result.changes, ElementsAre("/streams/0" + one.key));
    const ReloadPlan::Stream wanted{"main",         one.kind,  one.new_token,
                                    one.new_filter, one.retry, false};
    EXPECT_THAT(result.streams, ElementsAre(wanted)) << one.key;
    EXPECT_EQ(result.details.size(), 1U);
    EXPECT_FALSE(result.state_dir);
  }
}

TEST(ReloadPlan, AProxysNewPasswordIsSeenAndNotShown) {
  Config before = running();
  Config after = running();
  before.streams[0].proxy.proxy = parse_proxy("http://u:old-password@p:1");
  after.streams[0].proxy.proxy = parse_proxy("http://u:new-password@p:1");
  const auto result = plan_reload(before, after);
  EXPECT_THAT(result.changes, ElementsAre("/streams/0/proxy"));
  EXPECT_THAT(result.details,
              ElementsAre(AllOf(HasSubstr("used otherwise"), Not(HasSubstr("new-password")),
                                Not(HasSubstr("old-password")))));
  EXPECT_THAT(result.streams, ElementsAre(ReloadPlan::Stream{"main", Kind::reconnect}));
  EXPECT_THAT(plan_reload(after, after).changes, IsEmpty());
}

TEST(ReloadPlan, AProxyThatComesFromTheEnvironmentFromNowOnIsSeen) {
  Config before = running();
  Config after = running();
  before.streams[0].proxy.proxy = parse_proxy("http://p:1");
  after.streams[0].proxy.proxy = parse_proxy("http://p:1");
  after.streams[0].proxy.by_environment = true;
  EXPECT_THAT(plan_reload(before, after).changes, ElementsAre("/streams/0/proxy"));
  Config except = after;
  except.streams[0].proxy.except = NoProxy("api.example");
  EXPECT_THAT(plan_reload(after, except).changes, ElementsAre("/streams/0/proxy"));
}

TEST(ReloadPlan, EachKeyOfASinkIsSeenAndIsLive) {
  const std::vector<std::pair<std::string, std::function<void(SinkConfig&)>>> cases{
      {"required", [](SinkConfig& s) { s.required = false; }},
      {"event_types", [](SinkConfig& s) { s.event_types = {}; }},
      {"retry/base_delay_ms", [](SinkConfig& s) { s.retry.base = 9ms; }},
      {"retry/max_delay_ms", [](SinkConfig& s) { s.retry.max = 9ms; }},
      {"path", [](SinkConfig& s) { s.path = "/x"; }},
      {"fsync", [](SinkConfig& s) { s.sync = SinkConfig::Sync::never; }},
      {"fsync_interval_ms", [](SinkConfig& s) { s.sync_interval = 9ms; }},
      {"mode", [](SinkConfig& s) { s.mode = 0600; }},
      {"chain", [](SinkConfig& s) { s.chain = false; }},
      {"rotate/max_bytes", [](SinkConfig& s) { s.rotate.max_bytes = 4096; }},
      {"rotate/max_age_s", [](SinkConfig& s) { s.rotate.max_age = 9s; }},
      {"rotate/keep", [](SinkConfig& s) { s.rotate.keep = 9; }},
      {"rotate/max_total_bytes", [](SinkConfig& s) { s.rotate.max_total_bytes = 9; }},
      {"rotate/compress", [](SinkConfig& s) { s.rotate.compress = RotateConfig::Compress::zstd; }},
  };
  for (const auto& [key, change] : cases) {
    const auto result = plan([change = change](Config& next) { change(next.streams[1].sinks[1]); });
    EXPECT_THAT(result.changes, ElementsAre("/streams/1/sinks/1/" + key));
    const ReloadPlan::Stream wanted{"other", Kind::live, false, false, false, true};
    EXPECT_THAT(result.streams, ElementsAre(wanted)) << key;
  }
}

TEST(ReloadPlan, AnotherTypeOfSinkIsSeen) {
  const auto result = plan_main([](StreamConfig& s) { s.sinks[0] = sink("one", "stdout"); });
  EXPECT_THAT(result.changes, testing::Contains("/streams/0/sinks/0/type"));
  EXPECT_TRUE(result.streams.at(0).sinks);
}

TEST(ReloadPlan, TheOrderOfNamesAndOfNamedThingsIsNoChange) {
  const auto result = plan([](Config& next) {
    std::swap(next.streams[0], next.streams[1]);
    std::swap(next.streams[0].sinks[0], next.streams[0].sinks[1]);
    next.streams[0].event_types = {"b", "a"};
    next.streams[0].oauth.scopes = {"t", "s"};
  });
  EXPECT_THAT(result.changes, IsEmpty());
  EXPECT_THAT(result.streams, IsEmpty());
}

TEST(ReloadPlan, WhatMovedIsNamedByItsNewPlace) {
  const auto result = plan([](Config& next) {
    std::swap(next.streams[0], next.streams[1]);
    std::swap(next.streams[1].sinks[0], next.streams[1].sinks[1]);
    next.streams[1].sinks[1].path = "/x";
  });
  EXPECT_THAT(result.details, ElementsAre(R"(/streams/1/sinks/1/path: "/log/one" -> "/x")"));
  EXPECT_EQ(result.streams.at(0).name, "main");
}

TEST(ReloadPlan, StreamsComeAndGo) {
  const auto result = plan([](Config& next) { next.streams = {stream("new"), stream("other")}; });
  EXPECT_THAT(result.changes, ElementsAre("/streams/0", "/streams/0"));
  EXPECT_THAT(result.details,
              ElementsAre(R"(/streams/0: "new" added)", R"(/streams/0: "main" removed)"));
  const ReloadPlan::Stream added{"new", Kind::added};
  const ReloadPlan::Stream removed{"main", Kind::removed};
  EXPECT_THAT(result.streams, ElementsAre(added, removed));
}

TEST(ReloadPlan, SinksComeAndGo) {
  const auto result = plan([](Config& next) {
    std::swap(next.streams[0], next.streams[1]);
    next.streams[0].sinks = {sink("two"), sink("new")};
  });
  EXPECT_THAT(result.details, ElementsAre(R"(/streams/0/sinks/1: "new" added)",
                                          R"(/streams/1/sinks/0: "one" removed)"));
  const ReloadPlan::Stream wanted{"other", Kind::live, false, false, false, true};
  EXPECT_THAT(result.streams, ElementsAre(wanted));
}

TEST(ReloadPlan, TheLastStreamAndTheLastSinkMayGo) {
  EXPECT_EQ(plan([](Config& next) { next.streams.clear(); }).streams.size(), 2U);
  EXPECT_EQ(plan_main([](StreamConfig& s) { s.sinks.clear(); }).changes.size(), 2U);
}

TEST(ReloadPlan, TheGravestChangeDecidesAndAllOfThemAreTold) {
  const auto result = plan_main([](StreamConfig& s) {
    s.sinks[0].mode = 0600;
    s.buffer_size = 9;
    s.oauth.scopes = {"s"};
    s.event_types = {"a", "b", "c"};
  });
  EXPECT_THAT(result.changes, ElementsAre("/streams/0/oauth/scopes", "/streams/0/event_types",
                                          "/streams/0/buffer_size", "/streams/0/sinks/0/mode"));
  const ReloadPlan::Stream wanted{"main", Kind::reconnect, true, true, false, true};
  EXPECT_THAT(result.streams, ElementsAre(wanted));
  const auto replaced = plan_main([](StreamConfig& s) {
    s.buffer_size = 9;
    s.endpoints.stream_url = "x";
  });
  EXPECT_EQ(replaced.streams.at(0).kind, Kind::replaced);
}

TEST(ReloadPlan, WhatIsThereOnOneSideOnlyIsToldSo) {
  const auto gone = plan_main([](StreamConfig& s) { s.tls.ca_file = ""; });
  EXPECT_THAT(gone.details, ElementsAre(R"(/streams/0/tls/ca_file: "/ca.pem" -> none)"));
  const auto come = plan_main([](StreamConfig& s) { s.tls.client_key_file = "/k"; });
  EXPECT_THAT(come.details, ElementsAre(R"(/streams/0/tls/client_key_file: none -> "/k")"));
}

TEST(ReloadPlan, TextThatIsNoUtf8IsComparedAndPrinted) {
  const auto result = plan_main([](StreamConfig& s) { s.sinks[0].path = "/log/\xff"; });
  EXPECT_THAT(result.changes, ElementsAre("/streams/0/sinks/0/path"));
}

class MovedFiles : public testing::Test {
 protected:
  MovedFiles() {
    for (StreamConfig* stream : {&before_.streams[0], &before_.streams[1]})
      for (SinkConfig& sink : stream->sinks)
        sink.path = "/log/" + stream->name + '.' + sink.name;
    next_ = before_;
  }
  std::vector<std::pair<std::string, Kind>> kinds() const {
    ReloadPlan plan = plan_reload(before_, next_);
    const auto real_path = [](const std::string& path) {
      return path.starts_with("/link/") ? "/log/" + path.substr(6) : path;
    };
    replace_where_files_move(before_, next_, real_path, plan);
    std::vector<std::pair<std::string, Kind>> kinds;
    for (const ReloadPlan::Stream& stream : plan.streams)
      kinds.emplace_back(stream.name, stream.kind);
    return kinds;
  }
  SinkConfig& mine(std::size_t i) { return next_.streams[0].sinks[i]; }
  SinkConfig& theirs(std::size_t i) { return next_.streams[1].sinks[i]; }

  Config before_ = running();
  Config next_;
};

TEST_F(MovedFiles, PathsThatNobodyElseHasAreTakenInPlace) {
  mine(0).path = "/log/new";
  std::swap(theirs(0).path, theirs(1).path);
  EXPECT_THAT(kinds(), ElementsAre(std::pair("main", Kind::live), std::pair("other", Kind::live)));
}

TEST_F(MovedFiles, TwoStreamsThatSwapAFileAreBothReplaced) {
  std::swap(mine(0).path, theirs(1).path);
  EXPECT_THAT(kinds(),
              ElementsAre(std::pair("main", Kind::replaced), std::pair("other", Kind::replaced)));
}

TEST_F(MovedFiles, AStreamThatTakesTheFileOfOneThatGivesItUpIsReplacedWithIt) {
  mine(0).path = "/link/other.two";
  next_.streams[1].sinks.pop_back();
  EXPECT_THAT(kinds(),
              ElementsAre(std::pair("main", Kind::replaced), std::pair("other", Kind::replaced)));
}

TEST_F(MovedFiles, AStreamThatTakesTheFileOfARemovedOneIsReplaced) {
  mine(0).path = theirs(0).path;
  next_.streams.pop_back();
  EXPECT_THAT(kinds(),
              ElementsAre(std::pair("main", Kind::replaced), std::pair("other", Kind::removed)));
}

TEST_F(MovedFiles, AStreamWhoseFileANewOneTakesIsReplaced) {
  StreamConfig added = stream("new");
  added.sinks = {sink("one")};
  mine(1).path = "/log/elsewhere";
  added.sinks[0].path = "/log/main.two";
  next_.streams.push_back(added);
  EXPECT_THAT(kinds(),
              ElementsAre(std::pair("main", Kind::replaced), std::pair("new", Kind::added)));
}

/// Every key that is printed is changed by one of the cases above.
TEST(ReloadPlan, NoKeyIsLeftOut) {
  std::set<std::string> covered{"state_dir", "streams",       "sinks",     "name",     "type",
                                "protocol",  "client_secret", "log",       "metrics",  "endpoints",
                                "oauth",     "tls",           "reconnect", "liveness", "integrity",
                                "limits",    "retry",         "rotate"};
  const auto cover = [&](const std::string& pointer) {
    covered.insert(pointer.substr(pointer.rfind('/') + 1));
  };
  for (const GlobalCase& one : global_cases())
    cover(one.pointer);
  for (const auto& cases : {oauth_cases(), connection_cases()})
    for (const StreamCase& one : cases)
      cover(one.key);
  for (const char* key : {"required", "path", "fsync", "fsync_interval_ms", "mode", "chain",
                          "max_bytes", "max_age_s", "keep", "max_total_bytes", "compress"})
    covered.insert(key);
  const auto printed = nlohmann::json::parse(print_config(running()));
  const std::function<void(const nlohmann::json&)> check = [&](const nlohmann::json& value) {
    for (const auto& [key, below] : value.items()) {
      EXPECT_TRUE(!value.is_object() || covered.contains(key)) << key << ": add a case for it";
      if (below.is_structured())
        check(below);
    }
  };
  check(printed);
}

}  // namespace
}  // namespace gcstreamd
