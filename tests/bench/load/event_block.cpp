#include "bench/load/event_block.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "support/frames.hpp"

namespace gcstreamd::bench {
namespace {

constexpr std::size_t kPadding = 64;  // readable bytes behind the frames
constexpr std::string_view kTime = "2026-11-23T18:44:55.123Z";
constexpr std::string_view kNumberKey = "\"sequenceNumber\":";
constexpr std::string_view kTimeKey = "\"timestamp\":\"";

std::string participant(std::size_t index) {
  return fmt::format(
      R"({{"participantId":"7a6f1d52-0b7e-4c55-9a0e-{:012x}","name":"Zoë Lindström","purpose":"agent",)"
      R"("sessions":[{{"mediaType":"voice","direction":"inbound","muted":false,"holdS":{}}}]}})",
      index, index % 97);
}

void append_number(char* place, std::uint64_t number, std::size_t digits) {
  for (std::size_t i = digits; i > 0; --i, number /= 10)
    place[i - 1] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string make_event(std::uint64_t number, std::size_t size) {
  constexpr std::string_view kEnd = "\"}";
  std::string text = fmt::format(
      R"({{"eventType":"interaction:conversation",{}{},{}{}","organizationId":"5c2f1c0e","state":"connected")",
      kNumberKey, number, kTimeKey, kTime);
  std::string people;
  for (std::size_t i = 0; text.size() + people.size() + participant(i).size() + 40 <= size; ++i)
    people += (people.empty() ? "" : ",") + participant(i);
  if (!people.empty())
    text += ",\"participants\":[" + people + "]";
  text += ",\"note\":\"";
  if (text.size() + kEnd.size() > size)
    throw std::invalid_argument(fmt::format("an event has {} bytes at least", text.size() + 2));
  text.append(size - text.size() - kEnd.size(), 'x');
  return text += kEnd;
}

EventBlock::EventBlock(std::size_t event_bytes, std::size_t block_bytes) : time_(kTime) {
  const std::string frame =
      testing::encode({true, testing::Opcode::text, make_event(kFirstNumber, event_bytes)});
  frame_bytes_ = frame.size();
  number_at_ = frame.find(kNumberKey) + kNumberKey.size();
  time_at_ = frame.find(kTimeKey) + kTimeKey.size();
  capacity_ = std::max<std::size_t>(1, block_bytes / frame_bytes_);
  for (std::size_t i = 0; i < capacity_; ++i)
    bytes_ += frame;
  bytes_.append(kPadding, '\0');
}

void EventBlock::set_time() {
  using std::chrono::milliseconds;
  const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  if (now == set_)
    return;
  set_ = now;
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  time_ = fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                      fmt::gmtime(std::chrono::system_clock::to_time_t(second)),
                      (now - second).count());
}

std::string_view EventBlock::frames(std::uint64_t number, std::size_t count) {
  constexpr std::size_t kDigits = 10;
  set_time();
  for (std::size_t i = 0; i < count; ++i) {
    char* frame = bytes_.data() + i * frame_bytes_;
    append_number(frame + number_at_, number + i, kDigits);
    std::copy(time_.begin(), time_.end(), frame + time_at_);
  }
  return std::string_view(bytes_).substr(0, count * frame_bytes_);
}

}  // namespace gcstreamd::bench
