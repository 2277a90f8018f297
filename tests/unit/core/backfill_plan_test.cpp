#include "gcstreamd/core/backfill_plan.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "gcstreamd/core/time_format.hpp"
#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const TimeWindow kGap{wall(0s), wall(10min)};

BackfillOptions small_pages(unsigned size = 2) {
  BackfillOptions options;
  options.page_size = size;
  return options;
}

std::string conversation(std::string_view id, std::chrono::seconds start,
                         std::optional<std::chrono::seconds> end) {
  const std::string over =
      end ? fmt::format(R"(,"conversationEnd":"{}")", format_time(wall(*end))) : "";
  return fmt::format(R"({{"conversationId":"{}","conversationStart":"{}"{}}})", id,
                     format_time(wall(start)), over);
}

HttpResponse answer(const std::vector<std::string>& rows, std::string_view more = "") {
  HttpResponse response;
  response.status = 200;
  response.body = "{\"conversations\":[";
  for (const std::string& row : rows)
    response.body += (response.body.back() == '[' ? "" : ",") + row;
  response.body += fmt::format("]{}}}", more);
  return response;
}

/// "day page" of what is asked for next.
std::string asked(const BackfillPlan& plan) {
  const auto query = plan.next();
  return query ? fmt::format("{} {}", format_time(query->interval.from).substr(8, 8), query->page)
               : "none";
}

std::vector<std::string> lines(BackfillPlan& plan, const HttpResponse& response) {
  std::vector<std::string> texts;
  const auto records = plan.take(response, wall());
  if (!records)
    return {records.error().what};
  for (const RecoveredRecord& record : *records)
    texts.push_back(record.line);
  return texts;
}

TEST(BackfillPlanTest, EachUtcDayIsAskedForByItself) {
  BackfillPlan plan(kGap, small_pages());
  EXPECT_EQ(plan.next()->interval, (TimeWindow{wall(-24h - 2min), wall(5h + 15min + 5s - 24h)}));
  EXPECT_EQ(asked(plan), "22T18:42 1");
  lines(plan, answer({}));
  EXPECT_EQ(plan.next()->interval, (TimeWindow{wall(5h + 15min + 5s - 24h), wall(12min)}));
  lines(plan, answer({}));
  EXPECT_EQ(asked(plan), "none");
  EXPECT_FALSE(plan.cut_short());
}

TEST(BackfillPlanTest, AGapOverMidnightTouchesBothDays) {
  BackfillPlan plan({wall(5h), wall(6h)}, small_pages());
  EXPECT_EQ(asked(plan), "22T23:42 1");
  lines(plan, answer({}));
  EXPECT_EQ(asked(plan), "23T00:00 1");
  lines(plan, answer({}));
  EXPECT_EQ(asked(plan), "24T00:00 1");
  lines(plan, answer({}));
  EXPECT_EQ(asked(plan), "none");
}

TEST(BackfillPlanTest, TheRequestIsAsTheServiceWantsIt) {
  const BackfillPlan plan(kGap);
  const auto request = details_query("https://api.x", Secret("t"), *plan.next());
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url.target, "/api/v2/analytics/conversations/details/query");
  EXPECT_EQ(request.body.reveal(),
            R"({"interval":"2026-11-22T18:42:55.000000Z/2026-11-23T00:00:00.000000Z",)"
            R"("paging":{"pageSize":100,"pageNumber":1},"order":"asc",)"
            R"("orderBy":"conversationStart"})");
}

TEST(BackfillPlanTest, AllPagesAreAskedFor) {
  BackfillPlan plan(kGap, small_pages());
  const std::string row = conversation("c", 0s, 1min);
  lines(plan, answer({row, row}, R"(,"totalHits":3)"));
  EXPECT_EQ(asked(plan), "22T18:42 2");
  lines(plan, answer({row}, R"(,"totalHits":3)"));
  EXPECT_EQ(asked(plan), "23T00:00 1");
  lines(plan, answer({row, row}));
  EXPECT_EQ(asked(plan), "23T00:00 2") << "nobody said how many there are";
  lines(plan, answer({row}));
  EXPECT_EQ(asked(plan), "23T00:00 3") << "nor how large a page is";
  lines(plan, answer({}));
  EXPECT_EQ(asked(plan), "none");
}

TEST(BackfillPlanTest, SmallerPagesThanAskedForEndNothing) {
  BackfillPlan plan(kGap, small_pages(100));
  const std::string row = conversation("c", 0s, 1min);
  lines(plan, answer({row}, R"(,"totalHits":2)"));
  EXPECT_EQ(asked(plan), "22T18:42 2");
  lines(plan, answer({row}, R"(,"totalHits":2)"));
  EXPECT_EQ(asked(plan), "23T00:00 1");
}

TEST(BackfillPlanTest, APageThatIsEmptyTooEarlyIsAFault) {
  BackfillPlan plan(kGap, small_pages(100));
  lines(plan, answer({conversation("c", 0s, 1min)}, R"(,"totalHits":2)"));
  const auto taken = plan.take(answer({}, R"(,"totalHits":2)"), wall());
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().what, HasSubstr("after 1 of 2 rows"));
  EXPECT_EQ(asked(plan), "22T18:42 2") << "it is asked again";
}

TEST(BackfillPlanTest, AnAnswerAboutSomethingElseIsAFault) {
  BackfillPlan plan(kGap, small_pages());
  HttpResponse response;
  response.status = 200;
  response.body = R"({"message":"maintenance"})";
  EXPECT_FALSE(plan.take(response, wall()));
  response.body = "{}";
  EXPECT_TRUE(plan.take(response, wall())) << "so it is where there are none";
}

TEST(BackfillPlanTest, ADayWithoutEndIsCutShort) {
  BackfillOptions options = small_pages(1);
  options.most_pages = 2;
  BackfillPlan plan(kGap, options);
  for (int i = 0; i < 2; ++i)
    lines(plan, answer({conversation("c", 0s, 1min)}));
  EXPECT_EQ(asked(plan), "23T00:00 1");
  EXPECT_TRUE(plan.cut_short());
}

TEST(BackfillPlanTest, ARecordHoldsTheConversationAsItWasAnswered) {
  BackfillPlan plan(kGap, small_pages());
  const std::string row = R"({"conversationId":"c1","n":1e400,"s":"]},"})";
  EXPECT_THAT(lines(plan, answer({row})),
              testing::ElementsAre(R"({"recovered":true,"window":{"from":"2026-11-23T18:44:55)"
                                   R"(.000000Z","to":"2026-11-23T18:54:55.000000Z"},)"
                                   R"("conversation":)" +
                                   row + "}"));
}

TEST(BackfillPlanTest, ARecordIsOneLine) {
  BackfillPlan plan(kGap, small_pages());
  HttpResponse response;
  response.status = 200;
  response.body = "{\n \"conversations\": [\n  {\"a\": 1},\r\n  {\"b\": \"x y\"}\n ]\n}\n";
  const auto texts = lines(plan, response);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_THAT(texts[0], HasSubstr(R"("conversation":{"a":1}})"));
  EXPECT_THAT(texts[1], HasSubstr(R"("conversation":{"b":"x y"}})"));
  for (const std::string& text : texts)
    EXPECT_TRUE(nlohmann::json::accept(text));
}

TEST(BackfillPlanTest, OnlyWhatTouchesTheGapIsTaken) {
  BackfillPlan plan(kGap, small_pages(10));
  const auto texts =
      lines(plan, answer({conversation("before", -2h, -3min), conversation("into", -2h, 1s),
                          conversation("over", -2h, 5h), conversation("running", -2h, std::nullopt),
                          conversation("within", 1min, 2min), conversation("overlap", 11min, 30min),
                          conversation("after", 12min, 30min)}));
  ASSERT_EQ(texts.size(), 5U);
  EXPECT_THAT(texts[0], HasSubstr("into"));
  EXPECT_THAT(texts[4], HasSubstr("overlap"));
}

TEST(BackfillPlanTest, ARowThatChangedIsAnotherRecordAndOneThatDidNotIsNone) {
  LocalNumbers numbers;
  const auto fresh = [&](const std::string& row) {
    BackfillPlan plan(kGap, small_pages());
    const auto records = plan.take(answer({row}), wall());
    return records && !numbers.number_recovered(records->at(0).hash).duplicate;
  };
  EXPECT_TRUE(fresh(R"({"conversationId":"c"})"));
  EXPECT_FALSE(fresh(R"({"conversationId":"c"})"));
  EXPECT_TRUE(fresh(R"({"conversationId":"c","wrapUpCode":"late"})"));
}

TEST(BackfillPlanTest, AFaultIsAskedAgain) {
  BackfillPlan plan(kGap, small_pages());
  HttpResponse response;
  response.status = 429;
  response.retry_after = "9";
  EXPECT_TRUE(plan.take(response, wall()).has_error());
  for (const char* body : {"", "[]", "{\"conversations\":5}", "{\"conversations\":[}",
                           R"({"conversation\u0073":[{}]})"}) {
    response.status = 200;
    response.body = body;
    EXPECT_TRUE(plan.take(response, wall()).has_error()) << body;
  }
  EXPECT_EQ(asked(plan), "22T18:42 1");
}

TEST(BackfillPlanTest, AnAnswerWithoutConversationsHasNone) {
  BackfillPlan plan(kGap, small_pages());
  HttpResponse response;
  response.status = 200;
  response.body = R"({"totalHits":0})";
  EXPECT_TRUE(lines(plan, response).empty());
  EXPECT_EQ(asked(plan), "23T00:00 1");
}

TEST(BackfillFailureTest, OnlyWhatAskingCannotMendIsForGood) {
  Fault busy(Stage::subscribe, FaultKind::http_status, 429, "");
  busy.retry_after = 9s;
  EXPECT_EQ(judge_backfill(busy).retry_in, 9s);
  EXPECT_FALSE(judge_backfill(busy).for_good);
  const auto forbidden = judge_backfill({Stage::subscribe, FaultKind::http_status, 403, ""});
  EXPECT_EQ(forbidden.cause, "missing_permission");
  EXPECT_FALSE(forbidden.for_good) << "a person may grant it";
  EXPECT_TRUE(judge_backfill({Stage::subscribe, FaultKind::http_status, 400, ""}).for_good);
  EXPECT_EQ(judge_backfill({Stage::subscribe, FaultKind::protocol, 0, ""}).retry_in, 60s);
}

}  // namespace
}  // namespace gcstreamd
