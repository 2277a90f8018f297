#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "simulator/cursor.hpp"
#include "simulator/feed.hpp"
#include "simulator/history.hpp"
#include "simulator/pacer.hpp"
#include "simulator/story.hpp"

namespace gcstream_sim {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr WallTime kNoon{seconds(1'767'225'600) + milliseconds(7)};

EventTypes only(EventType type) {
  EventTypes types;
  types.add(type);
  return types;
}

std::vector<std::string> tell(std::uint64_t seed, const EventTypes& types, std::uint64_t count) {
  Story story(seed, types);
  std::vector<std::string> events;
  for (std::uint64_t number = 1; number <= count; ++number) {
    events.push_back(story.next(number, kNoon));
  }
  return events;
}

TEST(Story, the_same_seed_tells_the_same_story) {
  EXPECT_EQ(tell(4, EventTypes::all(), 500), tell(4, EventTypes::all(), 500));
  EXPECT_NE(tell(4, EventTypes::all(), 5), tell(5, EventTypes::all(), 5));
}

TEST(Story, events_are_compact_valid_json_with_number_and_time) {
  const auto events = tell(1, EventTypes::all(), 2000);
  for (std::size_t i = 0; i < events.size(); ++i) {
    const json event = json::parse(events[i]);
    EXPECT_EQ(event.at("sequenceNumber"), i + 1);
    EXPECT_EQ(event.at("timestamp"), "2026-01-01T00:00:00.007Z");
    EXPECT_TRUE(event_type_named(event.at("eventType").get<std::string>()));
    EXPECT_EQ(events[i].find('\n'), std::string::npos);
  }
}

TEST(Story, events_are_about_700_bytes_long_and_of_all_types) {
  const auto events = tell(1, EventTypes::all(), 5000);
  std::map<std::string, int> count_of;
  std::size_t bytes = 0;
  for (const std::string& event : events) {
    bytes += event.size();
    ++count_of[json::parse(event).at("eventType").get<std::string>()];
  }
  EXPECT_GT(bytes / events.size(), 620U);
  EXPECT_LT(bytes / events.size(), 780U);
  EXPECT_EQ(count_of.size(), kEventTypeNames.size());
}

TEST(Story, tells_any_single_type_alone) {
  for (const std::string_view name : kEventTypeNames) {
    for (const std::string& event : tell(3, only(*event_type_named(name)), 50)) {
      EXPECT_EQ(json::parse(event).at("eventType"), name);
    }
  }
}

TEST(Story, a_conversation_starts_first_and_ends_last) {
  std::map<std::string, std::vector<std::string>> actions_of;
  for (const std::string& text : tell(9, only(EventType::conversation), 3000)) {
    const json event = json::parse(text);
    actions_of[event.at("conversationId").get<std::string>()].push_back(event.at("action"));
  }
  std::size_t ended = 0;
  for (const auto& [id, actions] : actions_of) {
    EXPECT_EQ(actions.front(), "started") << id;
    const auto ends = std::count(actions.begin(), actions.end(), "ended");
    EXPECT_LE(ends, 1) << id;
    EXPECT_TRUE(ends == 0 || actions.back() == "ended") << id;
    ended += static_cast<std::size_t>(ends);
  }
  EXPECT_GT(ended, actions_of.size() / 2);
}

TEST(Story, needs_a_type) {
  EXPECT_THROW(Story(1, EventTypes{}), std::invalid_argument);
}

EventBytes bytes(const char* text) {
  return std::make_shared<const std::string>(text);
}

TEST(History, numbers_from_one_and_forgets_the_oldest) {
  History history(2);
  EXPECT_EQ(history.newest(), 0U);
  EXPECT_EQ(history.oldest(), 1U);
  EXPECT_EQ(history.append(bytes("a")), 1U);
  EXPECT_EQ(history.append(nullptr), 2U);
  EXPECT_EQ(history.append(bytes("c")), 3U);
  EXPECT_EQ(history.oldest(), 2U);
  EXPECT_EQ(history.at(2), nullptr);
  EXPECT_EQ(*history.at(3), "c");
}

TEST(History, bytes_outlive_being_forgotten) {
  History history(1);
  history.append(bytes("a"));
  const EventBytes kept = history.at(1);
  history.append(bytes("b"));
  EXPECT_EQ(*kept, "a");
}

void create(Feed& feed, int count) {
  for (int i = 0; i < count; ++i) {
    feed.create(kNoon);
  }
}

// What a cursor brings until it has all: numbers, and -1 for each cut.
std::vector<int> drain(Cursor& cursor) {
  std::vector<int> seen;
  while (const auto delivery = cursor.next()) {
    if (delivery->event) {
      seen.push_back(json::parse(*delivery->event).at("sequenceNumber").get<int>());
    }
    if (delivery->cut_after) {
      seen.push_back(-1);
    }
  }
  return seen;
}

FeedOptions with_faults(const FaultOptions& faults) {
  FeedOptions options;
  options.faults = faults;
  return options;
}

TEST(Cursor, replays_after_a_number_and_goes_on_live) {
  Feed feed{FeedOptions{}};
  create(feed, 4);
  Cursor cursor(feed, 2);
  EXPECT_EQ(cursor.behind(), 2U);
  EXPECT_EQ(drain(cursor), (std::vector{3, 4}));
  create(feed, 1);
  EXPECT_EQ(drain(cursor), std::vector{5});
}

TEST(Cursor, starts_at_the_tip_without_a_number_or_beyond_it) {
  Feed feed{FeedOptions{}};
  create(feed, 4);
  Cursor tip(feed, std::nullopt);
  Cursor beyond(feed, 900);
  create(feed, 1);
  EXPECT_EQ(drain(tip), std::vector{5});
  EXPECT_EQ(drain(beyond), std::vector{5});
}

TEST(Cursor, a_resume_from_before_the_history_starts_at_the_oldest_kept) {
  FeedOptions options;
  options.history = 3;
  Feed feed(options);
  create(feed, 10);
  Cursor cursor(feed, 1);
  EXPECT_EQ(drain(cursor), (std::vector{8, 9, 10}));
  EXPECT_EQ(feed.counters().forgotten, 6U);
}

TEST(Cursor, a_gap_is_held_back_live_and_comes_in_a_replay) {
  Feed feed(with_faults({.gap_every = 2}));
  Cursor live(feed, 0);
  create(feed, 5);
  EXPECT_EQ(drain(live), (std::vector{1, 3, 5}));
  Cursor replay(feed, 1);
  EXPECT_EQ(drain(replay), (std::vector{2, 3, 4, 5}));
  EXPECT_EQ(feed.counters().gaps, 2U);
}

TEST(Cursor, the_last_event_of_all_is_never_held_back) {
  FeedOptions options = with_faults({.gap_every = 2});
  options.count = 4;
  Feed feed(options);
  Cursor live(feed, 0);
  create(feed, 9);
  EXPECT_TRUE(feed.finished());
  EXPECT_EQ(drain(live), (std::vector{1, 3, 4}));
}

TEST(Cursor, cuts_once_after_each_multiple_and_not_in_a_replay) {
  Feed feed(with_faults({.drop_every = 2}));
  Cursor first(feed, 0);
  Cursor second(feed, 0);
  create(feed, 4);
  EXPECT_EQ(drain(first), (std::vector{1, 2, -1, 3, 4, -1}));
  EXPECT_EQ(drain(second), (std::vector{1, 2, 3, 4}));
  Cursor replay(feed, 0);
  EXPECT_EQ(drain(replay), (std::vector{1, 2, 3, 4}));
}

TEST(Cursor, what_is_lost_comes_neither_live_nor_in_a_replay) {
  Feed feed(with_faults({.lose_every = 3}));
  Cursor live(feed, 0);
  create(feed, 4);
  EXPECT_EQ(drain(live), (std::vector{1, 2, 4}));
  Cursor replay(feed, 0);
  EXPECT_EQ(drain(replay), (std::vector{1, 2, 4}));
  EXPECT_EQ(feed.counters().never_sent, 1U);
  EXPECT_EQ(feed.counters().created, 4U);
}

TEST(Cursor, a_resume_overlaps_as_far_as_the_history_goes) {
  FeedOptions options;
  options.overlap = 2;
  options.history = 4;
  Feed feed(options);
  create(feed, 6);
  Cursor resumed(feed, 5);
  EXPECT_EQ(drain(resumed), (std::vector{4, 5, 6}));
  Cursor early(feed, 3);
  EXPECT_EQ(drain(early), (std::vector{3, 4, 5, 6}));
  Cursor tip(feed, std::nullopt);
  EXPECT_EQ(drain(tip), std::vector<int>{});
  EXPECT_EQ(feed.counters().forgotten, 0U);
}

// How many of the first 10,000 live events are followed by a cut, with this seed, and where first.
std::pair<std::ptrdiff_t, std::ptrdiff_t> cuts_at_random(std::uint64_t seed) {
  FeedOptions options = with_faults({.drop_about = 100});
  options.seed = seed;
  Feed feed(options);
  Cursor live(feed, 0);
  create(feed, 10'000);
  const auto seen = drain(live);
  return {std::count(seen.begin(), seen.end(), -1),
          std::find(seen.begin(), seen.end(), -1) - seen.begin()};
}

TEST(Cursor, cuts_at_random_come_about_as_often_as_asked_and_from_the_seed) {
  const auto [cuts, first] = cuts_at_random(1);
  EXPECT_GT(cuts, 60);
  EXPECT_LT(cuts, 140);
  EXPECT_EQ(cuts_at_random(1), std::pair(cuts, first));
  EXPECT_NE(cuts_at_random(2), std::pair(cuts, first));
}

TEST(Feed, the_last_event_of_all_is_sent_live_whatever_befalls_its_number) {
  Feed feed(with_faults({.gap_every = 7, .lose_every = 6}));
  Cursor live(feed, 0);
  create(feed, 5);
  feed.finish(kNoon);
  feed.finish(kNoon);
  create(feed, 1);
  EXPECT_TRUE(feed.finished());
  EXPECT_EQ(drain(live), (std::vector{1, 2, 3, 4, 5, 7}));
}

TEST(Feed, the_truth_holds_each_event_s_own_bytes_and_marks_the_lost) {
  FeedOptions options = with_faults({.lose_every = 2});
  options.truth = std::filesystem::path(testing::TempDir()) / "gcstream_sim_test.truth";
  Feed feed(options);
  create(feed, 3);
  feed.flush();
  std::ifstream file(options.truth);
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  EXPECT_EQ(line, *feed.history().at(1));
  ASSERT_TRUE(std::getline(file, line));
  EXPECT_EQ(line, R"({"neverSent":true,"sequenceNumber":2})");
  ASSERT_TRUE(std::getline(file, line));
  EXPECT_EQ(line, *feed.history().at(3));
  EXPECT_FALSE(std::getline(file, line));
  std::filesystem::remove(options.truth);
}

TEST(Pacer, owes_events_at_its_rate_but_no_more_than_a_second_of_them) {
  const Pacer::Time start{};
  Pacer pacer(10, start);
  EXPECT_EQ(pacer.due(start), 0U);
  EXPECT_EQ(pacer.next(), start + milliseconds(100));
  EXPECT_EQ(pacer.due(start + milliseconds(250)), 2U);
  pacer.created(2);
  EXPECT_EQ(pacer.due(pacer.next()), 1U);
  EXPECT_EQ(pacer.due(start + seconds(60)), 10U);
  pacer.restart(start + seconds(60));
  EXPECT_EQ(pacer.due(start + seconds(60)), 0U);
}

TEST(Pacer, a_rate_below_one_is_met) {
  const Pacer::Time start{};
  Pacer pacer(0.5, start);
  EXPECT_EQ(pacer.due(start + milliseconds(1999)), 0U);
  EXPECT_EQ(pacer.due(start + seconds(2)), 1U);
}

}  // namespace
}  // namespace gcstream_sim
