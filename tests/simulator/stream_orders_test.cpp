#include "simulator/stream_orders.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "simulator/script.hpp"

namespace gcstream_sim {
namespace {

using nlohmann::json;
using Numbers = std::vector<std::uint64_t>;

constexpr WallTime kNoon{std::chrono::seconds(1'767'225'600)};

std::uint64_t number_of(const Delivery& delivery) {
  return json::parse(*delivery.event).value("sequenceNumber", std::uint64_t{0});
}

class StreamOrders : public testing::Test {
 protected:
  StreamOrder play(std::string_view step) {
    return carry_out(script_of(step).steps.at(0), feed, kNoon);
  }
  Numbers rest_of(Cursor& cursor) {
    Numbers numbers;
    while (const auto delivery = cursor.next()) {
      numbers.push_back(number_of(*delivery));
    }
    return numbers;
  }
  static Numbers numbers_of(const StreamOrder& order) {
    Numbers numbers;
    for (const Delivery& delivery : order.send) {
      numbers.push_back(number_of(delivery));
    }
    return numbers;
  }
  static FeedOptions options() {
    FeedOptions options;
    // Of this process alone: other tests of the fixture run beside it.
    options.truth = std::filesystem::path(testing::TempDir()) /
                    ("stream_orders_test." + std::to_string(::getpid()) + ".truth");
    return options;
  }
  std::vector<std::string> truth() {
    feed.flush();
    std::ifstream file(options().truth);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
      lines.push_back(line);
    }
    return lines;
  }
  void TearDown() override { std::filesystem::remove(options().truth); }

  Feed feed{options()};
  Cursor live{feed, 0};
};

TEST_F(StreamOrders, a_gap_comes_in_a_replay_and_a_loss_never) {
  play("send 2");
  play("gap 2");
  play("lose 1");
  play("send 1");
  EXPECT_EQ(rest_of(live), (Numbers{1, 2, 6}));
  Cursor replay(feed, 2);
  EXPECT_EQ(rest_of(replay), (Numbers{3, 4, 6}));
  EXPECT_EQ(feed.counters().gaps, 2U);
  EXPECT_EQ(feed.counters().never_sent, 1U);
  EXPECT_EQ(truth().at(4), R"({"neverSent":true,"sequenceNumber":5})");
}

TEST_F(StreamOrders, duplicates_are_the_newest_that_were_sent) {
  play("send 3");
  play("lose 1");
  EXPECT_EQ(numbers_of(play("duplicate 2")), (Numbers{2, 3}));
  EXPECT_EQ(numbers_of(play("duplicate 9")), (Numbers{1, 2, 3}));
  EXPECT_EQ(feed.counters().created, 4U);
}

TEST_F(StreamOrders, reordered_events_are_in_order_in_a_replay) {
  play("send 1");
  EXPECT_EQ(numbers_of(play("reorder 3")), (Numbers{4, 3, 2}));
  EXPECT_EQ(rest_of(live), (Numbers{1}));
  Cursor replay(feed, 1);
  EXPECT_EQ(rest_of(replay), (Numbers{2, 3, 4}));
  EXPECT_EQ(feed.counters().gaps, 0U);
}

TEST_F(StreamOrders, numbers_start_over_with_later_timestamps) {
  play("send 2");
  EXPECT_EQ(rest_of(live), (Numbers{1, 2}));
  play("reset");
  EXPECT_EQ(live.behind(), 0U);
  play("send 1");
  EXPECT_EQ(live.behind(), 1U);
  EXPECT_EQ(rest_of(live), (Numbers{1}));
  const auto lines = truth();
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[2], R"({"reset":true,"previous":2})");
  EXPECT_LT(json::parse(lines[1]).at("timestamp").get<std::string>(),
            json::parse(lines[3]).at("timestamp").get<std::string>());
}

TEST_F(StreamOrders, an_odd_look_is_for_the_live_event_alone_and_poison_for_each) {
  play("binary");
  play("fragment 4");
  play("drip 2");
  play("poison rsv");
  for (const Shape shape : {Shape::binary, Shape::fragments, Shape::drip, Shape::reserved_bit}) {
    EXPECT_EQ(live.next()->look.shape, shape);
  }
  Cursor replay(feed, 0);
  for (const Shape shape : {Shape::text, Shape::text, Shape::text, Shape::reserved_bit}) {
    EXPECT_EQ(replay.next()->look.shape, shape);
  }
  EXPECT_EQ(truth().at(3), R"({"neverSent":true,"sequenceNumber":4})");
}

TEST_F(StreamOrders, an_oversized_event_is_as_large_as_asked_for_and_in_the_truth) {
  play("oversize 5000");
  const auto delivery = live.next();
  EXPECT_EQ(delivery->event->size(), 5000U);
  EXPECT_TRUE(json::accept(*delivery->event));
  EXPECT_EQ(truth().at(0), *delivery->event);
}

TEST_F(StreamOrders, messages_without_a_number_use_none_up) {
  const StreamOrder order = play("unnumbered 2");
  EXPECT_EQ(numbers_of(order), (Numbers{0, 0}));
  EXPECT_EQ(truth(), (std::vector{*order.send[0].event, *order.send[1].event}));
  EXPECT_EQ(play("bad utf8").send.at(0).look.shape, Shape::bad_utf8);
  EXPECT_FALSE(json::parse(*play("bad event").send.at(0).event).contains("eventType"));
  EXPECT_EQ(feed.history().newest(), 0U);
}

TEST_F(StreamOrders, heartbeats_carry_what_is_asked_for) {
  play("lose 3");
  EXPECT_EQ(*play("heartbeat").send.at(0).event, R"({"type":"heartbeat"})");
  EXPECT_EQ(*play("heartbeat tip").send.at(0).event, R"({"type":"heartbeat","sequenceNumber":3})");
  EXPECT_EQ(*play("heartbeat 9").send.at(0).event, R"({"type":"heartbeat","sequenceNumber":9})");
}

TEST_F(StreamOrders, ends_of_the_stream) {
  EXPECT_EQ(play("close 4403 not entitled").close->code, 4403U);
  EXPECT_EQ(play("close 4403 not entitled").close->reason, "not entitled");
  EXPECT_FALSE(play("close 4403 not entitled").close->hold);
  EXPECT_EQ(play("close hold 1000 too old").close->code, 1000U);
  EXPECT_TRUE(play("close hold 1000 too old").close->hold);
  EXPECT_EQ(play("cut").cut, Cut::fin);
  EXPECT_EQ(play("cut rst").cut, Cut::rst);
  EXPECT_EQ(play("cut tls").cut, Cut::tls);
  EXPECT_EQ(play("stall").stall, std::chrono::milliseconds(0));
  EXPECT_EQ(*play("error 403 \xff").send.at(0).event,
            "{\"type\":\"error\",\"status\":403,\"message\":\"\xef\xbf\xbd\"}");
}

TEST(PoisonAt, is_broken_in_each_sending) {
  FeedOptions options;
  options.faults.poison_at = 2;
  Feed feed(options);
  feed.create(kNoon);
  feed.create(kNoon);
  for (int i = 0; i < 2; ++i) {
    Cursor cursor(feed, 0);
    EXPECT_EQ(cursor.next()->look.shape, Shape::text);
    EXPECT_EQ(cursor.next()->look.shape, Shape::bad_utf8);
  }
  EXPECT_EQ(feed.counters().never_sent, 1U);
}

TEST(Feed, a_script_creates_beyond_the_count) {
  FeedOptions options;
  options.count = 1;
  Feed feed(options);
  feed.add(kNoon, {});
  EXPECT_TRUE(feed.finished());
  feed.create(kNoon);
  EXPECT_EQ(feed.add(kNoon, {}), 2U);
  feed.reset();
  EXPECT_TRUE(feed.finished());
}

}  // namespace
}  // namespace gcstream_sim
