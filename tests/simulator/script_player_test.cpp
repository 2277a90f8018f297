#include "simulator/script_player.hpp"

#include <gtest/gtest.h>

#include "simulator/step_table.hpp"

namespace gcstream_sim {
namespace {

// The steps that a caller meets when it performs each at once, at most `most` of them.
std::vector<std::string> played(std::string_view text, std::size_t most = 100) {
  ScriptPlayer player(script_of(text), {});
  std::vector<std::string> names;
  for (; !player.over() && names.size() < most; player.advance()) {
    names.emplace_back(info_of(player.current()->kind).name);
  }
  return names;
}

std::string name_of(const Step* step) {
  return step == nullptr ? "none" : std::string(info_of(step->kind).name);
}

TEST(ScriptPlayer, an_empty_script_is_over) {
  ScriptPlayer player({}, {});
  EXPECT_TRUE(player.over());
  EXPECT_EQ(player.current(), nullptr);
  EXPECT_EQ(player.take(Place::token), nullptr);
  player.advance();
  EXPECT_TRUE(player.over());
}

TEST(ScriptPlayer, plays_blocks) {
  EXPECT_EQ(
      played("send\nrepeat 2\ngap\nrepeat 2\nlose\nend\nend\ncut"),
      (std::vector<std::string>{"send", "gap", "lose", "lose", "gap", "lose", "lose", "cut"}));
  EXPECT_EQ(played("forever\nsend\ncut\nend", 5),
            (std::vector<std::string>{"send", "cut", "send", "cut", "send"}));
}

TEST(ScriptPlayer, a_step_is_taken_once_and_only_by_what_it_is_about) {
  ScriptPlayer player(script_of("token html\nrefuse 503\ntls expired"), {});
  EXPECT_EQ(player.take(Place::upgrade), nullptr);
  EXPECT_EQ(player.take(Place::connection), nullptr);
  EXPECT_EQ(name_of(player.take(Place::token)), "token html");
  EXPECT_EQ(player.take(Place::token), nullptr);
  EXPECT_EQ(name_of(player.take(Place::upgrade)), "refuse");
  EXPECT_EQ(name_of(player.take(Place::connection)), "tls");
  EXPECT_TRUE(player.over());
}

TEST(ScriptPlayer, a_step_about_a_rest_call_waits_for_one_of_its_kind) {
  ScriptPlayer player(script_of("request create 503\nrequest any 429"),
                      {standing_fault("request details 500")});
  EXPECT_EQ(player.take_request("subscribe"), nullptr);
  EXPECT_EQ(player.take(Place::token), nullptr);
  EXPECT_EQ(player.take_request("details")->number, 500U);
  EXPECT_EQ(player.take_request("create")->number, 503U);
  EXPECT_EQ(player.take_request("details")->number, 429U);
  EXPECT_EQ(player.take_request("create"), nullptr);
  EXPECT_TRUE(player.over());
}

TEST(ScriptPlayer, standing_faults_befall_what_the_script_leaves_alone) {
  ScriptPlayer player(script_of("refuse 503"),
                      {standing_fault("refuse 429"), standing_fault("close 1012")});
  EXPECT_EQ(player.take(Place::token), nullptr);
  EXPECT_EQ(player.take(Place::upgrade)->number, 503U);
  EXPECT_EQ(player.take(Place::upgrade)->number, 429U);
  EXPECT_EQ(player.take(Place::upgrade)->number, 429U);
  EXPECT_EQ(name_of(player.standing_stream_fault()), "close");
}

TEST(ScriptPlayer, position_steps_wait_for_a_subscription_with_a_position) {
  ScriptPlayer player(script_of("ignore-position tip\nrefuse-position"), {});
  EXPECT_EQ(player.take_subscription(std::nullopt), nullptr);
  EXPECT_EQ(player.take_subscription(7)->word, "tip");
  EXPECT_EQ(player.take_subscription(std::nullopt), nullptr);
  EXPECT_EQ(player.take_subscription(7)->number, 1000U);
  EXPECT_EQ(player.take_subscription(7), nullptr);
  ScriptPlayer standing({}, {standing_fault("refuse-position")});
  EXPECT_EQ(standing.take_subscription(std::nullopt), nullptr);
  EXPECT_EQ(name_of(standing.take_subscription(1)), "refuse-position");
}

TEST(ScriptPlayer, an_expectation_shares_its_subscription_with_the_step_after_it) {
  ScriptPlayer player(script_of("expect-resume 5\ndeny 403\nexpect-resume none\nexpect-resume 6"),
                      {});
  EXPECT_EQ(name_of(player.take_subscription(5)), "deny");
  EXPECT_EQ(player.take_subscription(std::nullopt), nullptr);
  EXPECT_FALSE(player.over());
  EXPECT_EQ(player.take_subscription(6), nullptr);
  EXPECT_TRUE(player.over());
  EXPECT_EQ(player.failure(), std::nullopt);
}

TEST(ScriptPlayer, a_failed_expectation_is_told) {
  ScriptPlayer number(script_of("\nexpect-resume 5"), {});
  number.take_subscription(4);
  EXPECT_EQ(number.failure(),
            "line 2: expected a subscription with sequenceNumber 5, but it carries "
            "sequenceNumber 4");
  ScriptPlayer none(script_of("expect-resume none"), {});
  none.take_subscription(0);
  EXPECT_EQ(none.failure(),
            "line 1: expected a subscription with no sequenceNumber, but it carries "
            "sequenceNumber 0");
}

}  // namespace
}  // namespace gcstream_sim
