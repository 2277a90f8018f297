#include "gcstreamd/core/frame_sorter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gcstreamd {
namespace {

constexpr std::size_t kLargest = 100000;
constexpr unsigned kFinal = 0x80;
constexpr unsigned kText = 1;
constexpr unsigned kBinary = 2;
constexpr unsigned kPing = 9;

std::string big_endian(std::uint64_t number, int size) {
  std::string bytes;
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8)
    bytes += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xffU);
  return bytes;
}

std::string head(unsigned first, std::uint64_t size) {
  const std::string start(1, static_cast<char>(first));
  if (size < 126)
    return start + static_cast<char>(size);
  if (size <= 0xffff)
    return start + static_cast<char>(126) + big_endian(size, 2);
  return start + static_cast<char>(127) + big_endian(size, 8);
}

std::string frame(unsigned first, const std::string& payload) {
  return head(first, payload.size()) + payload;
}

/// What a stream of bytes was sorted into, in the order it was: `take:` a message, `pass:` bytes
/// for the implementation; adjacent ones of these are one.
class Sorting {
 public:
  explicit Sorting(bool upgraded = true) {
    if (upgraded)
      sorter_.begin_frames();
  }

  /// As if these bytes came by one read.
  void read(const std::string& bytes) {
    rest_ += bytes;
    for (auto verdict = sorter_.sort(rest_); verdict.next != FrameSorter::Next::wait;
         verdict = sorter_.sort(rest_))
      obey(verdict);
  }
  FrameSorter& sorter() { return sorter_; }
  const std::vector<std::string>& sorted() const { return sorted_; }
  const std::string& rest() const { return rest_; }

 private:
  void obey(const FrameSorter::Verdict& verdict) {
    const std::string bytes = rest_.substr(verdict.header, verdict.size);
    if (verdict.next == FrameSorter::Next::pass) {
      sorter_.passed(bytes);
      if (!sorted_.empty() && sorted_.back().starts_with("pass:"))
        sorted_.back() += bytes;
      else
        sorted_.push_back("pass:" + bytes);
    } else {
      sorted_.push_back("take:" + bytes);
    }
    rest_.erase(0, verdict.header + verdict.size);
  }

  FrameSorter sorter_{kLargest};
  std::string rest_;
  std::vector<std::string> sorted_;
};

std::vector<std::string> sorted(const std::string& bytes) {
  Sorting sorting;
  sorting.read(bytes);
  return sorting.sorted();
}

using Sorted = std::vector<std::string>;

TEST(FrameSorter, takes_whole_text_and_binary_messages) {
  EXPECT_EQ(sorted(frame(kFinal | kText, "Zoë") + frame(kFinal | kBinary, "\xff")),
            (Sorted{"take:Zoë", "take:\xff"}));
}

TEST(FrameSorter, takes_messages_with_every_form_of_length) {
  for (const std::size_t size : {0UL, 1UL, 125UL, 126UL, 65535UL, 65536UL, kLargest}) {
    const std::string payload(size, 'x');
    EXPECT_EQ(sorted(frame(kFinal | kText, payload)), Sorted{"take:" + payload}) << size;
  }
}

TEST(FrameSorter, waits_for_the_rest_of_a_message) {
  const std::string whole = frame(kFinal | kText, std::string(200, 'x'));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Sorting sorting;
    sorting.read(whole.substr(0, size));
    EXPECT_TRUE(sorting.sorted().empty()) << size;
  }
}

TEST(FrameSorter, passes_control_frames_and_no_byte_more) {
  const std::string ping = frame(kFinal | kPing, "beat");
  EXPECT_EQ(sorted(frame(kFinal | kText, "a") + ping + frame(kFinal | kText, "b")),
            (Sorted{"take:a", "pass:" + ping, "take:b"}));
}

TEST(FrameSorter, passes_a_message_in_parts_up_to_its_last_one) {
  const std::string parts =
      frame(kText, "a") + frame(kFinal | kPing, "") + frame(0, "b") + frame(kFinal, "c");
  EXPECT_EQ(sorted(parts + frame(kFinal | kText, "d")), (Sorted{"pass:" + parts, "take:d"}));
}

TEST(FrameSorter, passes_a_message_that_begins_amid_another) {
  const std::string wrong = frame(kText, "a") + frame(kFinal | kText, "b");
  EXPECT_EQ(sorted(wrong), Sorted{"pass:" + wrong});
}

TEST(FrameSorter, passes_text_that_is_not_utf8) {
  const std::string wrong = frame(kFinal | kText, "\xc3");
  EXPECT_EQ(sorted(wrong), Sorted{"pass:" + wrong});
}

TEST(FrameSorter, passes_messages_that_are_too_large) {
  const std::string large = frame(kFinal | kText, std::string(kLargest + 1, 'x'));
  EXPECT_EQ(sorted(large + frame(kFinal | kText, "a")), (Sorted{"pass:" + large, "take:a"}));
}

TEST(FrameSorter, passes_the_beginning_of_a_large_message_before_its_end_is_there) {
  const std::string begin = head(kFinal | kText, 1ULL << 40U) + "xyz";
  EXPECT_EQ(sorted(begin), Sorted{"pass:" + begin});
}

class Broken : public testing::TestWithParam<std::string> {};

TEST_P(Broken, frames_are_passed_with_all_that_follows) {
  const std::string all = GetParam() + frame(kFinal | kText, "never taken");
  EXPECT_EQ(sorted(frame(kFinal | kText, "a") + all), (Sorted{"take:a", "pass:" + all}));
}

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values)
    text += static_cast<char>(value);
  return text;
}

INSTANTIATE_TEST_SUITE_P(FrameSorter, Broken,
                         testing::Values(bytes({0xc1, 1, 'x'}), bytes({0xa1, 1, 'x'}),
                                         bytes({0x91, 1, 'x'}),
                                         bytes({0x81, 0x81, 0, 0, 0, 0, 'x'}),  // masked
                                         bytes({0x81, 126, 0, 1, 'x'}),
                                         bytes({0x81, 127, 0, 0, 0, 0, 0, 0, 0, 1, 'x'}),
                                         bytes({0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0})));

TEST(FrameSorter, passes_frames_of_an_unknown_kind) {
  for (const unsigned opcode : {3U, 7U, 11U, 15U}) {
    const std::string unknown = frame(kFinal | opcode, "x");
    EXPECT_EQ(sorted(unknown), Sorted{"pass:" + unknown}) << opcode;
  }
}

TEST(FrameSorter, sorts_the_same_wherever_the_bytes_are_cut) {
  const std::string all = frame(kFinal | kText, std::string(130, 'a')) +
                          frame(kFinal | kPing, "p") + frame(kBinary, "b") + frame(kFinal, "c") +
                          frame(kFinal | kText, "") + frame(kFinal | kBinary, "d") +
                          frame(kFinal | 8, "\x03\xe8");
  for (std::size_t first = 0; first <= all.size(); ++first)
    for (const std::size_t step : {1UL, 3UL, all.size()}) {
      Sorting sorting;
      sorting.read(all.substr(0, first));
      for (std::size_t at = first; at < all.size(); at += step)
        sorting.read(all.substr(at, step));
      EXPECT_EQ(sorting.sorted(), sorted(all)) << first << ' ' << step;
      EXPECT_EQ(sorting.rest(), "");
    }
}

TEST(FrameSorter, passes_the_head_of_an_answer_and_waits_for_word_of_the_upgrade) {
  const std::string answer = "HTTP/1.1 101 Switching Protocols\r\nA: \r\r\nb\r\n\r\n";
  const std::string event = frame(kFinal | kText, "a");
  for (std::size_t cut = 0; cut <= answer.size(); ++cut) {
    Sorting sorting(false);
    sorting.read(answer.substr(0, cut));
    const auto verdict = sorting.sorter().sort(answer.substr(cut) + event);
    if (cut < answer.size()) {
      EXPECT_EQ(verdict.size, answer.size() - cut) << cut;
      sorting.read(answer.substr(cut));
    }
    sorting.sorter().begin_frames();
    sorting.read(event);
    EXPECT_EQ(sorting.sorted(), (Sorted{"pass:" + answer, "take:a"})) << cut;
  }
}

TEST(FrameSorter, passes_the_body_of_a_refusal) {
  Sorting sorting(false);
  sorting.read("HTTP/1.1 403 Forbidden\r\n\r\n");
  sorting.read("no");
  EXPECT_EQ(sorting.sorted(), Sorted{"pass:HTTP/1.1 403 Forbidden\r\n\r\nno"});
}

TEST(FrameSorter, passes_all_once_it_is_told_to) {
  Sorting sorting;
  sorting.sorter().pass_all();
  const std::string event = frame(kFinal | kText, "a");
  sorting.read(event);
  EXPECT_EQ(sorting.sorted(), Sorted{"pass:" + event});
}

}  // namespace
}  // namespace gcstreamd
