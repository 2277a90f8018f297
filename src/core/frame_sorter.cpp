#include "gcstreamd/core/frame_sorter.hpp"

#include <simdjson.h>

#include <algorithm>

namespace gcstreamd {
namespace {

enum Opcode : unsigned { kContinuation = 0, kText = 1, kBinary = 2, kFirstControl = 8 };

constexpr std::size_t kShortHeader = 2;
constexpr unsigned kTwoBytes = 126;    // the length follows in so many
constexpr unsigned kEightBytes = 127;  // or in so many

/// The end of a head, of which `seen` bytes have come.
class HeadEnd {
 public:
  explicit HeadEnd(std::size_t seen) : seen_(seen) {}

  bool whole() const { return seen_ == kEnd.size(); }
  std::size_t seen() const { return seen_; }
  void see(char c) {
    if (c == kEnd[seen_])
      ++seen_;
    else
      seen_ = c == kEnd[0] ? 1 : 0;
  }

 private:
  static constexpr std::string_view kEnd = "\r\n\r\n";
  std::size_t seen_;
};

/// How many bytes belong to a head.
std::size_t size_of_head(std::string_view bytes, HeadEnd end) {
  std::size_t size = 0;
  while (size < bytes.size() && !end.whole())
    end.see(bytes[size++]);
  return size;
}

unsigned byte(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

}  // namespace

struct FrameSorter::Head {
  explicit Head(std::string_view bytes)
      : last((byte(bytes, 0) & 0x80U) != 0),
        reserved((byte(bytes, 0) & 0x70U) != 0),
        opcode(byte(bytes, 0) & 0x0fU),
        masked((byte(bytes, 1) & 0x80U) != 0),
        payload(byte(bytes, 1) & 0x7fU) {
    if (payload == kTwoBytes)
      size += 2;
    else if (payload == kEightBytes)
      size += 8;
  }

  bool longer() const { return size > kShortHeader; }
  void read_length(std::string_view bytes) {
    const std::uint64_t least = payload == kTwoBytes ? kTwoBytes : 0x10000;
    payload = 0;
    for (std::size_t at = kShortHeader; at < size; ++at)
      payload = payload << 8U | byte(bytes, at);
    shortest = payload >= least;
  }
  bool broken() const { return masked || reserved || !shortest || payload >> 63U != 0; }
  bool data() const { return opcode < kFirstControl; }

  bool last;
  bool reserved;
  unsigned opcode;
  bool masked;
  bool shortest = true;
  std::uint64_t payload;
  std::size_t size = kShortHeader;
};

bool FrameSorter::is_message(const Head& head) const {
  return head.last && !in_parts_ && (head.opcode == kText || head.opcode == kBinary) &&
         head.payload <= largest_;
}

FrameSorter::Verdict FrameSorter::sort(std::string_view bytes) {
  if (bytes.empty())
    return {};
  switch (phase_) {
    case Phase::answer:
      return {Next::pass, 0, size_of_head(bytes, HeadEnd(end_seen_))};
    case Phase::frames:
      return sort_frame(bytes);
    case Phase::rest:
      break;
  }
  return {Next::pass, 0, bytes.size()};
}

FrameSorter::Verdict FrameSorter::sort_frame(std::string_view bytes) {
  const auto pass = [&] {
    return Verdict{Next::pass, 0,
                   static_cast<std::size_t>(std::min<std::uint64_t>(passing_, bytes.size()))};
  };
  if (passing_ > 0)
    return pass();
  if (bytes.size() < kShortHeader)
    return {};
  Head head(bytes);
  if (bytes.size() < head.size)
    return {};
  if (head.longer())
    head.read_length(bytes);
  if (head.broken()) {
    pass_all();
    return {Next::pass, 0, bytes.size()};
  }
  if (is_message(head)) {
    const auto size = static_cast<std::size_t>(head.payload);
    if (bytes.size() - head.size < size)
      return {};
    const std::string_view text = bytes.substr(head.size, size);
    if (head.opcode == kBinary || simdjson::validate_utf8(text.data(), text.size()))
      return {Next::take, head.size, size};
  } else if (head.data()) {
    in_parts_ = !head.last;
  }
  passing_ = head.size + head.payload;
  return pass();
}

void FrameSorter::passed(std::string_view bytes) {
  if (phase_ == Phase::frames) {
    passing_ -= bytes.size();
    return;
  }
  HeadEnd end(end_seen_);
  for (const char c : bytes)
    if (!end.whole())
      end.see(c);
  end_seen_ = end.seen();
  if (end.whole() && phase_ == Phase::answer)
    phase_ = Phase::rest;  // a refusal's body
}

}  // namespace gcstreamd
