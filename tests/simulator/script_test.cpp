#include "simulator/script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "simulator/step_parser.hpp"
#include "simulator/step_table.hpp"

namespace gcstream_sim {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

Step step_of(std::string_view line) {
  return script_of(line).steps.at(0);
}

std::vector<std::string> errors_of(std::string_view text) {
  const auto outcome = read_script(text, "t.sim");
  const auto* errors = std::get_if<ScriptErrors>(&outcome);
  return errors == nullptr ? ScriptErrors{} : *errors;
}

TEST(StepTable, every_kind_is_at_its_place_and_its_example_is_a_step_of_that_kind) {
  for (const StepInfo& info : step_table()) {
    EXPECT_EQ(&info_of(info.kind), &info) << info.name;
    const auto outcome = read_step(info.example);
    const auto* step = std::get_if<std::optional<Step>>(&outcome);
    ASSERT_TRUE(step != nullptr && step->has_value()) << info.example;
    EXPECT_EQ((*step)->kind, info.kind) << info.example;
  }
  EXPECT_EQ(step_table().size(), static_cast<std::size_t>(StepKind::end) + 1);
}

TEST(StepTable, the_list_explains_every_step) {
  const std::string list = list_of_faults();
  for (const StepInfo& info : step_table()) {
    EXPECT_THAT(list, HasSubstr("  " + usage_of(info) + "\n"));
    EXPECT_THAT(list, HasSubstr(info.explanation));
  }
  EXPECT_EQ(usage_of(info_of(StepKind::refuse)), "refuse STATUS [retry-after WHEN]");
}

TEST(Script, reads_each_kind_of_argument) {
  EXPECT_EQ(step_of("send 5").number, 5U);
  EXPECT_EQ(step_of("send").number, 1U);
  EXPECT_EQ(step_of("wait 0.25").time, milliseconds(250));
  EXPECT_EQ(step_of("stall").time, std::nullopt);
  EXPECT_EQ(step_of("tls wrong-host").word, "wrong-host");
  EXPECT_EQ(step_of("heartbeat tip").word, "tip");
  EXPECT_EQ(step_of("expect-resume none").word, "none");
  const Step close = step_of("\tclose 1012  service   restart # not this\r");
  EXPECT_EQ(close.number, 1012U);
  EXPECT_EQ(close.text, "service restart");
  const Step hold = step_of("close hold 1000 too old");
  EXPECT_EQ(hold.kind, StepKind::close_hold);
  EXPECT_EQ(hold.number, 1000U);
  EXPECT_EQ(hold.text, "too old");
}

TEST(Script, reads_retry_after_in_both_ways) {
  const Step seconds = step_of("refuse 503 retry-after 2");
  ASSERT_TRUE(seconds.retry_after.has_value());
  EXPECT_EQ(seconds.retry_after->in.count(), 2);
  EXPECT_FALSE(seconds.retry_after->as_date);
  const Step date = step_of("token status 429 retry-after date+7");
  EXPECT_TRUE(date.retry_after->as_date);
  EXPECT_EQ(date.retry_after->in.count(), 7);
  EXPECT_FALSE(step_of("refuse 401").retry_after.has_value());
}

TEST(Script, passes_over_comments_and_blank_lines_and_numbers_the_others) {
  const Script script = script_of("# first\n\n  send 2\n\t\nclose 1000 a#b # c");
  ASSERT_EQ(script.steps.size(), 2U);
  EXPECT_EQ(script.steps[0].line, 3U);
  EXPECT_EQ(script.steps[1].line, 5U);
  EXPECT_EQ(script.steps[1].text, "a#b");
}

TEST(Script, tells_every_error_with_its_line_and_what_is_allowed) {
  EXPECT_THAT(
      errors_of("sned 5\nsend 0\ntls expird\nrefuse 503 retry 1\nsend 1 2\nwait nan\nrefuse"),
      ElementsAre("t.sim:1: unknown step \"sned\"; see --list-faults; did you mean \"send\"?",
                  "t.sim:2: send: \"0\" is not an integer from 1 to 100000; use: send [N]",
                  AllOf(HasSubstr("t.sim:3: tls: \"expird\" is not one of expired|"),
                        HasSubstr("use: tls")),
                  AllOf(HasSubstr("t.sim:4: refuse: \"retry\" is not \"retry-after\""),
                        HasSubstr("use: refuse STATUS [retry-after WHEN]")),
                  "t.sim:5: send: \"2\" is too much; use: send [N]",
                  HasSubstr("t.sim:6: wait: \"nan\" is not seconds from 0"),
                  HasSubstr("t.sim:7: refuse: nothing is not an integer from 300 to 599")));
}

TEST(Script, a_misspelt_second_word_is_told_with_its_family) {
  EXPECT_THAT(errors_of("token htlm"),
              ElementsAre(AllOf(HasSubstr("after \"token\" comes one of: ok, status, html"),
                                HasSubstr("did you mean \"token html\"?"))));
  EXPECT_THAT(errors_of("token"), ElementsAre(HasSubstr("after \"token\" comes one of")));
}

TEST(Script, what_a_terminal_would_obey_is_not_repeated) {
  EXPECT_THAT(errors_of("\x1b[2J"), ElementsAre(HasSubstr("\"?[2J\"")));
}

TEST(Script, blocks_know_their_ends) {
  const Script script = script_of("repeat 2\nrepeat 3\nsend\nend\nend\nforever\ncut\nend");
  EXPECT_EQ(script.steps[0].partner, 4U);
  EXPECT_EQ(script.steps[1].partner, 3U);
  EXPECT_EQ(script.steps[3].partner, 1U);
  EXPECT_EQ(script.steps[5].partner, 7U);
}

TEST(Script, faults_of_blocks_are_told) {
  EXPECT_THAT(errors_of("end"), ElementsAre(HasSubstr("t.sim:1: \"end\" without")));
  EXPECT_THAT(errors_of("repeat 2\nsend"), ElementsAre(HasSubstr("t.sim:1: this block has no")));
  EXPECT_THAT(errors_of("repeat 2\nend"), ElementsAre(HasSubstr("t.sim:1: an empty block")));
  EXPECT_THAT(errors_of("forever\nexpire\nwait 0\nend"),
              ElementsAre(HasSubstr("t.sim:1: this \"forever\" never waits")));
  EXPECT_THAT(errors_of("forever\nsend\nend\nsend\nsend"),
              ElementsAre(HasSubstr("t.sim:4: never reached, because the \"forever\" of line 1")));
  EXPECT_THAT(errors_of("stop\nsend"), ElementsAre(HasSubstr("t.sim:2: never reached")));
  EXPECT_THAT(errors_of("serve 1\nsend"), ElementsAre());
  std::string deep;
  for (int i = 0; i < 9; ++i) {
    deep += "repeat 2\n";
  }
  EXPECT_THAT(errors_of(deep + "send\n" + "end\nend\nend\nend\nend\nend\nend\nend\nend"),
              ElementsAre(HasSubstr("t.sim:9: blocks go 8 deep at most")));
}

TEST(Script, a_huge_one_is_refused) {
  EXPECT_THAT(errors_of(std::string(1024 * 1024 + 1, '\n')), ElementsAre(HasSubstr("1 MiB")));
}

TEST(Script, programs_get_all_errors_in_one_exception) {
  try {
    script_of("sned\nendd");
    FAIL() << "no exception";
  } catch (const std::invalid_argument& e) {
    EXPECT_THAT(e.what(), AllOf(HasSubstr("script:1: "), HasSubstr("\nscript:2: ")));
  }
}

TEST(Script, steps_of_the_other_protocol_are_told) {
  const Script script = script_of("send 1\ngap 2\nnotice other\ncut");
  EXPECT_THAT(foreign_steps(script, Protocol::notifications, "t.sim"),
              ElementsAre(HasSubstr("t.sim:2: gap is no step of --protocol notifications")));
  EXPECT_THAT(foreign_steps(script, Protocol::analytics_stream, "t.sim"),
              ElementsAre(HasSubstr("t.sim:3: notice is no step of --protocol analytics-stream")));
}

TEST(Script, reads_the_words_of_notifications_steps) {
  const Step request = step_of("request create 429 retry-after 2");
  EXPECT_EQ(request.word, "create");
  EXPECT_EQ(request.number, 429U);
  EXPECT_EQ(request.retry_after->in.count(), 2);
  const Step reject = step_of("topic reject v2.users.* see:it hear:it");
  EXPECT_EQ(reject.word, "v2.users.*");
  EXPECT_EQ(reject.text, "see:it hear:it");
  EXPECT_EQ(step_of("queue add Sales North").text, "Sales North");
  EXPECT_THAT(errors_of("queue add"), ElementsAre(HasSubstr("nothing is not NAME")));
  EXPECT_EQ(step_of("notice socket_closing").time, std::nullopt);
}

TEST(StandingFault, is_one_step_that_has_an_occasion) {
  EXPECT_EQ(standing_fault("close 1012").number, 1012U);
  EXPECT_THROW(standing_fault(""), std::invalid_argument);
  EXPECT_THROW(standing_fault("wait 1"), std::invalid_argument);
  EXPECT_THROW(standing_fault("forever"), std::invalid_argument);
  EXPECT_THROW(standing_fault("clsoe 1012"), std::invalid_argument);
}

}  // namespace
}  // namespace gcstream_sim
