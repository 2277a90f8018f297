#include "simulator/stream_orders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

namespace gcstream_sim {
namespace {

Delivery message(std::string text, const Look& look = {}) {
  Delivery delivery;
  delivery.event = std::make_shared<const std::string>(std::move(text));
  delivery.look = look;
  return delivery;
}

Look shaped(Shape shape) {
  Look look;
  look.shape = shape;
  return look;
}

Shape shape_named(const std::string& word) {
  if (word == "utf8") {
    return Shape::bad_utf8;
  }
  if (word == "json") {
    return Shape::bad_json;
  }
  if (word == "rsv") {
    return Shape::reserved_bit;
  }
  if (word == "opcode") {
    return Shape::reserved_opcode;
  }
  return word == "masked" ? Shape::masked : Shape::text;
}

void create(Feed& feed, WallTime now, std::uint64_t count, const EventFault& fault = {}) {
  for (std::uint64_t i = 0; i < count; ++i) {
    feed.add(now, fault);
  }
}

void create_looking(Feed& feed, WallTime now, const Look& live) {
  EventFault fault;
  fault.live = live;
  feed.add(now, fault);
}

// The newest `count` numbers that can be sent, in their order.
std::vector<Delivery> newest(const Feed& feed, std::uint64_t count) {
  const History& history = feed.history();
  std::vector<Delivery> events;
  for (std::uint64_t number = history.newest();
       number >= history.oldest() && number > 0 && events.size() < count; --number) {
    if (history.at(number)) {
      Delivery delivery;
      delivery.event = history.at(number);
      delivery.look = feed.faults().look(number, false);
      events.push_back(std::move(delivery));
    }
  }
  std::reverse(events.begin(), events.end());
  return events;
}

std::vector<Delivery> reorder(Feed& feed, WallTime now, std::uint64_t count) {
  EventFault fault;
  fault.withheld = true;
  create(feed, now, count, fault);
  auto events = newest(feed, count);
  std::reverse(events.begin(), events.end());
  return events;
}

std::vector<Delivery> unnumbered(Feed& feed, WallTime now, std::uint64_t count) {
  std::vector<Delivery> events;
  for (std::uint64_t i = 0; i < count; ++i) {
    events.push_back(message(feed.unnumbered(now)));
  }
  return events;
}

Delivery broken_message(const std::string& word) {
  if (word == "event") {
    return message(R"({"hello":"world","list":[1,2,3]})");
  }
  return message(R"({"eventType":"interaction:conversation","broken":"on purpose"})",
                 shaped(shape_named(word)));
}

Delivery heartbeat_for(const Step& step, const Feed& feed) {
  const std::uint64_t number = step.word == "tip" ? feed.history().newest() : step.number;
  Delivery delivery;
  delivery.event = number == 0 ? heartbeat() : heartbeat(number);
  return delivery;
}

Cut cut_named(const std::string& word) {
  return word == "tls" ? Cut::tls : word == "rst" ? Cut::rst : Cut::fin;
}

void change_feed(const Step& step, Feed& feed, WallTime now) {
  EventFault fault;
  switch (step.kind) {
    case StepKind::send:
      return create(feed, now, step.number);
    case StepKind::gap:
      fault.gap = true;
      return create(feed, now, step.number, fault);
    case StepKind::lose:
      fault.lost = true;
      return create(feed, now, step.number, fault);
    case StepKind::reset:
      return feed.reset();
    case StepKind::binary:
      return create_looking(feed, now, shaped(Shape::binary));
    case StepKind::fragment:
      return create_looking(feed, now, {Shape::fragments, step.number, {}});
    case StepKind::drip:
      return create_looking(feed, now, {Shape::drip, 1, step.time.value_or(fault.live.over)});
    case StepKind::oversize:
      feed.add(now, fault, static_cast<std::size_t>(step.number));
      return;
    case StepKind::poison:
      fault.always = shaped(shape_named(step.word));
      feed.add(now, fault);
      return;
    default:
      return;
  }
}

}  // namespace

EventBytes heartbeat() {
  static const auto bytes = std::make_shared<const std::string>(R"({"type":"heartbeat"})");
  return bytes;
}

EventBytes heartbeat(std::uint64_t number) {
  return std::make_shared<const std::string>(
      fmt::format(R"({{"type":"heartbeat","sequenceNumber":{}}})", number));
}

Delivery error_in_band(std::uint64_t status, const std::string& text) {
  const nlohmann::ordered_json error{
      {"type", "error"}, {"status", status}, {"message", text.empty() ? "on purpose" : text}};
  return message(error.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

std::optional<StreamOrder> link_order(const Step& step) {
  StreamOrder order;
  switch (step.kind) {
    case StepKind::bad:
      order.send.push_back(broken_message(step.word));
      break;
    case StepKind::stall:
      order.stall = step.time.value_or(std::chrono::milliseconds(0));
      break;
    case StepKind::close:
    case StepKind::close_hold:
      order.close = CloseOrder{static_cast<std::uint16_t>(step.number), step.text,
                               step.kind == StepKind::close_hold};
      break;
    case StepKind::cut:
      order.cut = cut_named(step.word);
      break;
    default:
      return std::nullopt;
  }
  return order;
}

StreamOrder carry_out(const Step& step, Feed& feed, WallTime now) {
  if (auto order = link_order(step)) {
    return *std::move(order);
  }
  StreamOrder order;
  switch (step.kind) {
    case StepKind::duplicate:
      order.send = newest(feed, step.number);
      break;
    case StepKind::reorder:
      order.send = reorder(feed, now, step.number);
      break;
    case StepKind::unnumbered:
      order.send = unnumbered(feed, now, step.number);
      break;
    case StepKind::heartbeat:
      order.send.push_back(heartbeat_for(step, feed));
      break;
    case StepKind::error:
      order.send.push_back(error_in_band(step.number, step.text));
      break;
    default:
      change_feed(step, feed, now);
  }
  return order;
}

}  // namespace gcstream_sim
