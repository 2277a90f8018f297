#include "simulator/notifications/switchboard.hpp"

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "simulator/notifications/topic.hpp"

namespace gcstream_sim {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::seconds;

constexpr EventTime kNoon{seconds(1'767'268'800)};

class FakeSocket final : public Listener {
 public:
  void hear(const Delivery& message) override { heard.push_back(message); }
  void hang_up(const CloseOrder& order) override { code = order.code; }

  std::vector<Delivery> heard;
  std::uint16_t code = 0;
};

class SwitchboardTest : public testing::Test {
 protected:
  ~SwitchboardTest() override { std::filesystem::remove(truth); }

  // With all queues' conversations.
  std::string subscribed_channel(Switchboard& board) {
    const std::string id = board.open_channel(kNoon).id;
    board.set_topics(*board.find(id, kNoon), topics(board), kNoon);
    return id;
  }
  static std::vector<std::string> topics(Switchboard& board) {
    std::vector<std::string> all;
    const auto page = board.centre().directory().page(DirectoryKind::queues, 100, 1);
    for (const auto& entity : page.at("entities")) {
      all.push_back(queue_topic(entity.at("id").get<std::string>(), "conversations"));
    }
    return all;
  }
  std::vector<json> truth_lines(Switchboard& board) const {
    board.flush();
    std::ifstream file(truth);
    std::vector<json> lines;
    for (std::string line; std::getline(file, line);) {
      lines.push_back(json::parse(line));
    }
    return lines;
  }

  NotificationOptions options;
  std::filesystem::path truth = std::filesystem::temp_directory_path() /
                                ("switchboard_test." + std::to_string(::getpid()) + ".ndjson");
  Switchboard::Story story{1, std::nullopt, truth};
  std::shared_ptr<FakeSocket> socket = std::make_shared<FakeSocket>();
  std::shared_ptr<FakeSocket> second = std::make_shared<FakeSocket>();
};

TEST_F(SwitchboardTest, a_subscribed_socket_hears_what_happens_and_the_truth_says_so) {
  Switchboard board(options, story, kNoon);
  const std::string id = subscribed_channel(board);
  board.happen(3, kNoon);
  ASSERT_TRUE(board.connect(id, std::weak_ptr<Listener>(socket), kNoon));
  board.happen(4, kNoon + seconds(1));
  EXPECT_EQ(socket->heard.size(), 4U);
  std::vector<std::string> sent;
  int unheard = 0;
  for (const json& line : truth_lines(board)) {
    if (line.contains("event") && line.at("topic").get<std::string>().ends_with(".conversations")) {
      unheard +=
          line.at("sockets") == 0 && line.at("topic").get<std::string>().starts_with("v2.routing")
              ? 1
              : 0;
      if (line.at("sockets") == 1) {
        sent.push_back(line.at("frame").at("metadata").at("CorrelationId"));
      }
    }
  }
  EXPECT_EQ(unheard, 3);
  ASSERT_EQ(sent.size(), 4U);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    EXPECT_NE(socket->heard[i].event->find(sent[i]), std::string::npos);
  }
}

TEST_F(SwitchboardTest, two_channels_hear_the_same_bytes) {
  Switchboard board(options, story, kNoon);
  const std::string one = subscribed_channel(board);
  const std::string two = subscribed_channel(board);
  board.connect(one, std::weak_ptr<Listener>(socket), kNoon);
  board.connect(two, std::weak_ptr<Listener>(second), kNoon);
  board.happen(2, kNoon);
  ASSERT_EQ(socket->heard.size(), 2U);
  ASSERT_EQ(second->heard.size(), 2U);
  EXPECT_EQ(*socket->heard[1].event, *second->heard[1].event);
}

TEST_F(SwitchboardTest, or_the_same_event_with_metadata_of_their_own) {
  options.own_metadata = true;
  Switchboard board(options, story, kNoon);
  const std::string one = subscribed_channel(board);
  const std::string two = subscribed_channel(board);
  board.connect(one, std::weak_ptr<Listener>(socket), kNoon);
  board.connect(two, std::weak_ptr<Listener>(second), kNoon);
  board.happen(1, kNoon);
  const json first = json::parse(*socket->heard.at(0).event);
  const json other = json::parse(*second->heard.at(0).event);
  EXPECT_EQ(first.at("eventBody"), other.at("eventBody"));
  EXPECT_NE(first.at("metadata"), other.at("metadata"));
}

TEST_F(SwitchboardTest, a_second_socket_displaces_the_first) {
  options.displaced_code = 4001;
  Switchboard board(options, story, kNoon);
  const std::string id = subscribed_channel(board);
  board.connect(id, std::weak_ptr<Listener>(socket), kNoon);
  board.connect(id, std::weak_ptr<Listener>(second), kNoon);
  EXPECT_EQ(socket->code, 4001);
  board.disconnect(id, *socket, {}, kNoon);
  EXPECT_TRUE(board.listens(id));
  board.happen(1, kNoon);
  EXPECT_TRUE(socket->heard.empty());
  EXPECT_EQ(second->heard.size(), 1U);
}

TEST_F(SwitchboardTest, the_21st_channel_removes_one_whose_socket_is_closed) {
  Switchboard board(options, story, kNoon);
  const std::string first = subscribed_channel(board);
  board.connect(first, std::weak_ptr<Listener>(socket), kNoon);
  for (int i = 0; i < 20; ++i) {
    board.open_channel(kNoon + seconds(i));
  }
  EXPECT_TRUE(board.listens(first));
  EXPECT_EQ(board.registry().channels().size(), 20U);
  EXPECT_EQ(board.counters().removed, 1U);
}

TEST_F(SwitchboardTest, an_expired_channel_is_gone_and_its_socket_closed) {
  Switchboard board(options, story, kNoon);
  const std::string id = subscribed_channel(board);
  board.connect(id, std::weak_ptr<Listener>(socket), kNoon);
  board.happen(kNoon + hours(24));
  EXPECT_EQ(socket->code, 1001);
  EXPECT_EQ(board.find(id, kNoon + hours(24)), nullptr);
  EXPECT_FALSE(board.connect(id, std::weak_ptr<Listener>(second), kNoon + hours(24)));
  EXPECT_EQ(board.counters().expired, 1U);
}

TEST_F(SwitchboardTest, a_gone_channel_may_be_told_in_band) {
  options.gone = GoneChannel::in_band;
  Switchboard board(options, story, kNoon);
  const std::string id = subscribed_channel(board);
  board.connect(id, std::weak_ptr<Listener>(socket), kNoon);
  board.expire(kNoon + hours(24));
  EXPECT_EQ(socket->code, 0);
  ASSERT_EQ(socket->heard.size(), 1U);
  EXPECT_EQ(json::parse(*socket->heard[0].event).at("result"), "404");
}

TEST_F(SwitchboardTest, a_channel_whose_topics_are_forgotten_stays_and_hears_nothing) {
  Switchboard board(options, story, kNoon);
  const std::string id = subscribed_channel(board);
  board.connect(id, std::weak_ptr<Listener>(socket), kNoon);
  board.forget_topics(id, kNoon);
  board.happen(5, kNoon);
  EXPECT_TRUE(socket->heard.empty());
  EXPECT_NE(board.find(id, kNoon), nullptr);
  EXPECT_FALSE(board.listens(id));
}

TEST_F(SwitchboardTest, the_truth_tells_when_a_channel_is_live_and_what_was_not_sent) {
  Switchboard board(options, story, kNoon);
  const std::string id = subscribed_channel(board);
  board.connect(id, std::weak_ptr<Listener>(socket), kNoon + seconds(1));
  board.disconnect(id, *socket, {17}, kNoon + seconds(2));
  const auto lines = truth_lines(board);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].at("channel"), 1);
  EXPECT_EQ(lines[0].at("live"), true);
  EXPECT_EQ(lines[0].at("topics"), 8);
  EXPECT_EQ(lines[1].at("unsent"), 17);
  EXPECT_EQ(lines[2].at("live"), false);
  EXPECT_EQ(lines[2].at("at"), "2026-01-01T12:00:02.000Z");
}

TEST_F(SwitchboardTest, what_happens_for_one_channel_is_withheld_from_its_socket_alone) {
  Switchboard board(options, story, kNoon);
  const std::string one = subscribed_channel(board);
  const std::string two = subscribed_channel(board);
  board.connect(one, std::weak_ptr<Listener>(socket), kNoon);
  board.connect(two, std::weak_ptr<Listener>(second), kNoon);
  const auto events = board.happen_for(one, 2, kNoon, 5000);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].event->size(), 5000U);
  EXPECT_TRUE(socket->heard.empty());
  EXPECT_EQ(*second->heard.at(0).event, *events[0].event);
  const auto again = board.last_of(one, 1);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(*again[0].event, *events[1].event);
}

TEST_F(SwitchboardTest, detail_events_happen_only_where_a_channel_wants_them) {
  Switchboard board(options, story, kNoon);
  const std::string id = subscribed_channel(board);
  board.connect(id, std::weak_ptr<Listener>(socket), kNoon);
  board.happen(300, kNoon);
  std::string conversation = json::parse(*socket->heard.back().event).at("eventBody").at("id");
  std::vector<std::string> details;
  for (const TopicForm& form : topic_forms()) {
    if (form.kind == TopicKind::conversation) {
      details.push_back(detail_topic(conversation, form.suffix.substr(1)));
    }
  }
  for (const json& line : truth_lines(board)) {
    EXPECT_FALSE(line.value("topic", "").starts_with("v2.detail"));
  }
  socket->heard.clear();
  board.set_topics(*board.find(id, kNoon), details, kNoon);
  EXPECT_FALSE(board.happen_for(id, 1, kNoon).empty());
}

}  // namespace
}  // namespace gcstream_sim
