#include "gcstreamd/core/event_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace gcstreamd {
namespace {

constexpr std::size_t kHashDigits = 32;

void append_line(std::string& out, const DurableHash& event, SequenceNumber number) {
  fmt::format_to(std::back_inserter(out), "{} {}\n", event.text(), number);
}

struct Entry {
  DurableHash event;
  SequenceNumber number = kNoNumber;
};

std::optional<Entry> parse_line(std::string_view line) {
  if (line.size() < kHashDigits + 2 || line[kHashDigits] != ' ')
    return std::nullopt;
  const auto event = DurableHash::parse(line.substr(0, kHashDigits));
  Entry entry;
  const char* end = line.data() + line.size();
  const auto parsed = std::from_chars(line.data() + kHashDigits + 1, end, entry.number);
  const bool whole = parsed.ec == std::errc{} && parsed.ptr == end;
  if (!event || !whole || entry.number == kNoNumber || entry.number > kMaxNumber)
    return std::nullopt;
  entry.event = *event;
  return entry;
}

/// With their lengths, so that no two lists of parts make the same text.
void append_part(std::string& text, std::string_view part) {
  fmt::format_to(std::back_inserter(text), "{}:", part.size());
  text += part;
}

}  // namespace

DurableHash hash_of(const EventIdentity& identity) {
  std::string text = fmt::format("{}|", identity.time_ms);
  append_part(text, identity.topic);
  append_part(text, identity.participant);
  append_part(text, identity.session);
  text += durable_hash(identity.body).text();
  return durable_hash(text);
}

std::optional<SequenceNumber> EventMemory::find(const DurableHash& event) const {
  const auto found = numbers_.find(event);
  return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

void EventMemory::remember(const DurableHash& event, SequenceNumber number) {
  if (capacity_ == 0 || !numbers_.emplace(event, number).second)
    return;
  order_.push_back(event);
  ++fresh_;
  if (order_.size() <= capacity_)
    return;
  numbers_.erase(order_.front());
  order_.pop_front();
  fresh_ = std::min(fresh_, order_.size());
}

std::string EventMemory::snapshot() const {
  std::string text;
  for (const DurableHash& event : order_)
    append_line(text, event, numbers_.at(event));
  appended_ = 0;
  return text;
}

std::string EventMemory::take_new() {
  std::string text;
  for (auto event = order_.end() - static_cast<std::ptrdiff_t>(fresh_); event != order_.end();
       ++event)
    append_line(text, *event, numbers_.at(*event));
  appended_ += fresh_;
  fresh_ = 0;
  return text;
}

std::size_t EventMemory::load(std::string_view text) {
  std::size_t passed_over = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const auto entry =
        end == std::string_view::npos ? std::nullopt : parse_line(text.substr(0, end));
    if (entry)
      remember(entry->event, entry->number);
    else
      ++passed_over;
    appended_ += entry.has_value() ? 1U : 0U;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  fresh_ = 0;
  return passed_over;
}

void EventMemory::forget_after(SequenceNumber last) {
  std::erase_if(order_, [&](const DurableHash& event) { return numbers_.at(event) > last; });
  std::erase_if(numbers_, [&](const auto& entry) { return entry.second > last; });
  fresh_ = 0;
}

}  // namespace gcstreamd
