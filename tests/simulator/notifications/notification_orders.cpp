#include "simulator/notifications/notification_orders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

namespace gcstream_sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint16_t kGoingAway = 1001;

Delivery message(const Json& body) {
  Delivery delivery;
  delivery.event = std::make_shared<const std::string>(
      body.dump(-1, ' ', false, Json::error_handler_t::replace));
  return delivery;
}

Delivery system_message(const std::string& what, std::string_view text) {
  return message({{"topicName", "v2.system." + what},
                  {"version", "2"},
                  {"eventBody", {{"message", text}}},
                  {"metadata", Json::object()}});
}

Delivery error_message(const Step& step) {
  return message({{"result", fmt::format("{}", step.number)},
                  {"message", step.text.empty() ? "on purpose" : step.text}});
}

StreamOrder sending(std::vector<Delivery> messages) {
  StreamOrder order;
  order.send = std::move(messages);
  return order;
}

StreamOrder reordered(std::vector<Delivery> messages) {
  std::reverse(messages.begin(), messages.end());
  return sending(std::move(messages));
}

StreamOrder looking(std::vector<Delivery> messages, const Look& look) {
  for (Delivery& delivery : messages) {
    delivery.look = look;
  }
  return sending(std::move(messages));
}

StreamOrder notice(const Step& step, Switchboard& board, const std::string& channel,
                   EventTime now) {
  if (step.word == "socket_closing") {
    return closing_order(step.time.value_or(board.options().closing_notice));
  }
  if (step.word != "other") {
    board.forget_topics(channel, now);
  }
  return sending({system_message(step.word + "." + channel, "on purpose")});
}

void expire_channel(const Step& step, Switchboard& board, const std::string& channel,
                    EventTime now) {
  std::optional<CloseOrder> order;
  if (step.word.empty() || step.word == "close") {
    order = CloseOrder{kGoingAway, "the channel is gone", false};
  }
  board.end_channel(channel, order, now);
}

std::optional<StreamOrder> about_channel(const Step& step, Switchboard& board,
                                         const std::string& channel, EventTime now) {
  switch (step.kind) {
    case StepKind::notice:
      return notice(step, board, channel, now);
    case StepKind::channel_expire:
      expire_channel(step, board, channel, now);
      return sending(step.word == "in-band" ? std::vector<Delivery>{gone_in_band()}
                                            : std::vector<Delivery>{});
    case StepKind::channel_displace:
      board.displace(channel, static_cast<std::uint16_t>(step.number), now);
      return StreamOrder{};
    default:
      return std::nullopt;
  }
}

std::optional<StreamOrder> about_events(const Step& step, Switchboard& board,
                                        const std::string& channel, EventTime now) {
  const auto one = [&](std::size_t bytes = 0) { return board.happen_for(channel, 1, now, bytes); };
  switch (step.kind) {
    case StepKind::send:
      return sending(board.happen_for(channel, step.number, now));
    case StepKind::reorder:
      return reordered(board.happen_for(channel, step.number, now));
    case StepKind::duplicate:
      return sending(board.last_of(channel, step.number));
    case StepKind::binary:
      return looking(one(), {Shape::binary, 1, {}});
    case StepKind::fragment:
      return looking(one(), {Shape::fragments, step.number, {}});
    case StepKind::drip:
      return looking(one(), {Shape::drip, 1, step.time.value_or(std::chrono::milliseconds(0))});
    case StepKind::oversize:
      return sending(one(static_cast<std::size_t>(step.number)));
    case StepKind::heartbeat:
      return sending({metadata_message("WebSocket Heartbeat")});
    case StepKind::error:
      return sending({error_message(step)});
    default:
      return std::nullopt;
  }
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, size));
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  return words;
}

}  // namespace

Delivery metadata_message(std::string_view text) {
  return message({{"topicName", "channel.metadata"}, {"eventBody", {{"message", text}}}});
}

StreamOrder closing_order(std::chrono::milliseconds time) {
  StreamOrder order = sending({system_message("socket_closing", "The socket closes soon")});
  order.close_in = time;
  return order;
}

StreamOrder carry_out(const Step& step, Switchboard& board, const std::string& channel,
                      EventTime now) {
  if (auto order = about_channel(step, board, channel, now)) {
    return *std::move(order);
  }
  if (auto order = about_events(step, board, channel, now)) {
    return *std::move(order);
  }
  return link_order(step).value_or(StreamOrder{});
}

bool play_at_once(const Step& step, Switchboard& board, EventTime now) {
  Directory& directory = board.centre().directory();
  switch (step.kind) {
    case StepKind::happen:
      board.happen(step.number, now);
      return true;
    case StepKind::topic_reject:
      board.judge().reject({step.word, words_of(step.text)});
      return true;
    case StepKind::topic_permit:
      board.judge().permit(step.word);
      return true;
    case StepKind::queue_add:
      directory.add(DirectoryKind::queues, step.text);
      return true;
    case StepKind::queue_remove:
      directory.remove(DirectoryKind::queues, step.text);
      return true;
    case StepKind::user_add:
      directory.add(DirectoryKind::users, step.text);
      return true;
    case StepKind::user_remove:
      directory.remove(DirectoryKind::users, step.text);
      return true;
    default:
      return false;
  }
}

}  // namespace gcstream_sim
