#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <csignal>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::string_view kKey = "a key that nobody has guessed yet";
constexpr std::string_view kName = "Zoë Müller";
constexpr std::string_view kEscapedName = R"(Zo\u00eb M\u00fcller)";

std::string phone(std::uint64_t number) {
  return fmt::format("+49170{:07}", number);
}

/// The time does not tell which came first: from the second on, later numbers are of an earlier
/// one.
std::string call(std::uint64_t number, std::string_view ani, std::string_view participants) {
  return fmt::format(R"({{"eventType":"interaction:conversation", "sequenceNumber":{},"timestamp":)"
                     R"("2026-01-01T{:02}:00:00Z","ani":"{}","x":1.50E+1,"participants":[{}]}})",
                     number, number == 1 ? 0 : 23 - number, ani, participants);
}

/// As the server sends it: the second name's key is written with an escape.
std::string call(std::uint64_t number) {
  return call(
      number, phone(number),
      fmt::format(R"({{"name":"{0}","id":1,"address":"{2}"}}, {{"n\u0061me":"{1}","id":2}})", kName,
                  kEscapedName, phone(number)));
}

std::string hmac(std::string_view key, const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  ::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += fmt::format("{:02x}", digest[i]);
  }
  return hex;
}

/// As the sink gets it.
std::string shown(std::uint64_t number, std::string_view key = kKey) {
  return call(number, hmac(key, phone(number)), R"({"id":1,"address":"***"}, {"id":2})");
}

class RedactTest : public StreamTest {
 protected:
  RedactTest() {
    const auto key = dir_.write("hmac.key", std::string(kKey) + '\n');
    file_sink()["redact"] = {
        {{"pointer", "/ani"}, {"action", "hmac"}, {"key_file", key.string()}},
        {{"pointer", "/participants/*/name"}, {"action", "remove"}},
        {{"pointer", "/participants/*/address"}, {"action", "mask"}},
    };
    stream()["start_at"] = 0;
  }
  static Lines calls(std::uint64_t from, std::uint64_t to) {
    Lines all;
    for (auto number = from; number <= to; ++number) {
      all.push_back(call(number));
    }
    return all;
  }
  static Lines all_shown(std::uint64_t from, std::uint64_t to) {
    Lines all;
    for (auto number = from; number <= to; ++number) {
      all.push_back(shown(number));
    }
    return all;
  }
  /// What no file that the daemon wrote may hold, and does.
  std::vector<std::string> leaks() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(dir_.path())) {
      if (!entry.is_regular_file() || entry.path().filename() == "hmac.key") {
        continue;
      }
      const std::string content = read_file(entry.path());
      for (const std::string_view text :
           {std::string_view("+4917"), std::string_view("M\\u00fc"), kName, kKey}) {
        if (content.find(text) != std::string::npos) {
          found.push_back(entry.path().filename().string() + ": " + std::string(text));
        }
      }
    }
    return found;
  }
  int verify() const {
    return run_gcstreamd(dir_.path(), {"verify", audit_path().string()}).exit_code;
  }
};

TEST_F(RedactTest, numbers_and_names_are_in_no_byte_that_is_written) {
  Session session = open();
  send_all(session, calls(1, 3));
  send_all(session, {R"({"ani":"+491701"})", R"({"ani":"+491702)", "+491703",
                     R"({"eventType":"a","ani":"+491704","sequenceNumber":0})"});
  session.socket.send(call(4));
  EXPECT_EQ(await_events(4), all_shown(1, 4));
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(records("event_received").size(), 4U);
  for (const json& record : records("invalid_event")) {
    EXPECT_FALSE(record.contains("preview")) << record;
    EXPECT_GT(record.at("bytes"), 0);
  }
  EXPECT_EQ(records("invalid_event").size() + records("json_parse_error").size(), 4U);
  EXPECT_EQ(verify(), 0);
  EXPECT_EQ(leaks(), std::vector<std::string>{});
}

TEST_F(RedactTest, after_a_kill_every_event_is_there_once_and_told_from_its_duplicates) {
  Session session = open();
  session.socket.send(call(1));
  await_events(1);
  const std::string position = read_file(dir_ / "state/main.position");
  send_all(session, calls(2, 6));
  await_events(6);
  await("event_received", 6);
  daemon_->signal(SIGKILL);
  EXPECT_EQ(daemon_->wait_exit(), 128 + SIGKILL);
  dir_.write("state/main.position", position);

  session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 6);
  send_all(session, calls(2, 8));
  EXPECT_EQ(await_events(8), all_shown(1, 8));
  EXPECT_EQ(fields_of(first("duplicate_suppressed")), (json{{"from", 2}, {"to", 6}, {"count", 5}}));
  EXPECT_EQ(stop(session), 0);
  EXPECT_TRUE(records("sequence_reset").empty());
  EXPECT_EQ(records("event_received").size(), 8U);
  EXPECT_EQ(verify(), 0);
  EXPECT_EQ(leaks(), std::vector<std::string>{});
}

/// The server sends the last event again, as after a kill before the position was saved.
TEST_F(RedactTest, without_its_rules_after_a_restart_a_sinks_lines_are_known_again) {
  Session session = open();
  send_all(session, calls(1, 3));
  await_events(3);
  EXPECT_EQ(stop(session), 0);
  file_sink().erase("redact");
  session = open();
  send_all(session, calls(3, 4));
  Lines lines = all_shown(1, 3);
  lines.push_back(call(4));
  EXPECT_EQ(await_events(4), lines);
  EXPECT_EQ(stop(session), 0);
  EXPECT_TRUE(records("sequence_reset").empty());
}

TEST_F(RedactTest, new_events_under_old_numbers_are_told_by_their_time_where_no_sink_has_it) {
  file_sink()["redact"] = json::array({{{"pointer", "/timestamp"}, {"action", "remove"}}});
  const auto timed = [](std::uint64_t number, int day) {
    return fmt::format(
        R"({{"eventType":"a","sequenceNumber":{},"timestamp":"2026-01-{:02}T00:00:00Z"}})", number,
        day);
  };
  Session session = open();
  send_all(session, {timed(1, 1), timed(2, 2)});
  await_events(2);
  EXPECT_EQ(stop(session), 0);
  session = open();
  send_all(session, {timed(2, 2), timed(1, 3)});
  await("sequence_reset");
  EXPECT_EQ(await_events(3).back(), R"({"eventType":"a","sequenceNumber":1})");
  EXPECT_EQ(records("duplicate_suppressed").size(), 1U);
  EXPECT_EQ(stop(session), 0);
}

TEST_F(RedactTest, a_sink_without_rules_gets_each_frame_as_it_is) {
  stream()["sinks"].push_back(
      {{"type", "file"}, {"name", "all"}, {"path", (dir_ / "all.ndjson").string()}});
  stream()["sinks"].push_back({{"type", "stdout"}, {"redact", file_sink()["redact"]}});
  Session session = open();
  send_all(session, calls(1, 2));
  EXPECT_EQ(await_events(2), all_shown(1, 2));
  EXPECT_EQ(wait_for_line_count(dir_ / "all.ndjson", 2), calls(1, 2));
  EXPECT_EQ(wait_for_line_count(daemon_->stdout_path(), 2), all_shown(1, 2));
  EXPECT_EQ(stop(session), 0);
}

TEST_F(RedactTest, a_frame_in_several_lines_is_one_line_without_what_is_redacted) {
  Session session = open();
  session.socket.send(
      "{\n \"eventType\": \"a\",\r\n \"participants\": [\n  {\"name\": \"Zo\\u00eb\",\n"
      "   \"id\": 1}],\n \"ani\"\n:\n null }\n");
  EXPECT_EQ(await_events(1), Lines{fmt::format(R"({{"eventType":"a","participants":[{{"id":1}}],)"
                                               R"("ani":"{}"}})",
                                               hmac(kKey, "null"))});
  EXPECT_EQ(stop(session), 0);
}

TEST_F(RedactTest, a_reload_applies_rules_and_a_replaced_key_to_the_same_connection) {
  Session session = open();
  session.socket.send(call(1));
  await_events(1);
  dir_.write("hmac.key", "another key, made for the second half");
  reload();
  EXPECT_EQ(first("config_reloaded").at("changes"),
            json::array({"/streams/0/sinks/0/redact/0/key_file"}));
  session.socket.send(call(2));
  await_events(2);
  const json rules = file_sink()["redact"];
  file_sink().erase("redact");
  reload();
  await("config_reloaded", 2);
  send_all(session, {call(3), "broken"});
  await_events(3);
  EXPECT_EQ(first("json_parse_error").at("preview"), "broken");
  file_sink()["redact"] = rules;
  reload();
  await("config_reloaded", 3);
  session.socket.send(call(4));
  EXPECT_EQ(await_events(4), (Lines{shown(1), shown(2, "another key, made for the second half"),
                                    call(3), shown(4, "another key, made for the second half")}));
  EXPECT_EQ(records("connection_open").size(), 1U);
  EXPECT_EQ(stop(session), 0);
}

TEST_F(RedactTest, a_key_file_that_cannot_serve_rejects_a_reload_and_the_old_rules_stay) {
  Session session = open();
  dir_.write("hmac.key", "short");
  reload();
  const json errors = first("config_rejected").at("errors");
  ASSERT_EQ(errors.size(), 1U);
  const auto error = errors[0].get<std::string>();
  EXPECT_TRUE(error.starts_with("/streams/0/sinks/0/redact/0/key_file: ")) << error;
  EXPECT_NE(error.find("fewer than 16 bytes"), std::string::npos) << error;
  session.socket.send(call(1));
  EXPECT_EQ(await_events(1), all_shown(1, 1));
  EXPECT_EQ(stop(session), 0);
}

TEST_F(RedactTest, a_key_that_others_can_read_is_no_start) {
  fs::permissions(dir_ / "hmac.key", fs::perms::others_read, fs::perm_options::add);
  run();
  EXPECT_EQ(daemon_->wait_exit(), 78);
  const std::string told = tail(daemon_->stderr_path());
  EXPECT_NE(told.find("/redact/0/key_file: "), std::string::npos) << told;
  EXPECT_NE(told.find("others can read it"), std::string::npos) << told;
}

}  // namespace
}  // namespace gcstreamd::testing
