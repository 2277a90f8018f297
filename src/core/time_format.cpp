#include "gcstreamd/core/time_format.hpp"

#include <fmt/format.h>

namespace gcstreamd {
namespace {

/// Reads fixed-width fields of a date-time; any failure is remembered.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  int number(std::size_t width) {
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (i >= rest_.size() || !is_digit(rest_[i])) {
        failed_ = true;
        return 0;
      }
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(width);
    return value;
  }

  char one_of(std::string_view allowed) {
    if (rest_.empty() || allowed.find(rest_[0]) == std::string_view::npos) {
      failed_ = true;
      return '\0';
    }
    const char c = rest_[0];
    rest_.remove_prefix(1);
    return c;
  }

  /// An optional fraction of a second, in microseconds.
  int fraction() {
    if (rest_.empty() || rest_[0] != '.')
      return 0;
    rest_.remove_prefix(1);
    int value = 0;
    int digits = 0;
    for (; !rest_.empty() && is_digit(rest_[0]); rest_.remove_prefix(1), ++digits)
      if (digits < 6)
        value = value * 10 + (rest_[0] - '0');
    failed_ = failed_ || digits == 0;
    for (; digits < 6; ++digits)
      value *= 10;
    return value;
  }

  bool done() const { return !failed_ && rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  std::string_view rest_;
  bool failed_ = false;
};

/// Empty where it is not one; the cursor knows of other faults.
std::optional<std::chrono::minutes> offset(Cursor& cursor) {
  const char sign = cursor.one_of("Zz+-");
  if (cursor.failed() || sign == 'Z' || sign == 'z')
    return std::chrono::minutes{0};
  const int hours = cursor.number(2);
  cursor.one_of(":");
  const int minutes = cursor.number(2);
  if (hours > 23 || minutes > 59)
    return std::nullopt;
  const std::chrono::minutes total{hours * 60 + minutes};
  return sign == '-' ? -total : total;
}

}  // namespace

std::string format_time(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::optional<WallTime> parse_time(std::string_view text) {
  Cursor cursor(text);
  const int year = cursor.number(4);
  cursor.one_of("-");
  const int month = cursor.number(2);
  cursor.one_of("-");
  const int day = cursor.number(2);
  cursor.one_of("Tt ");
  const int hour = cursor.number(2);
  cursor.one_of(":");
  const int minute = cursor.number(2);
  cursor.one_of(":");
  const int second = cursor.number(2);
  const int micros = cursor.fraction();
  const auto east = offset(cursor);
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  constexpr int kLeapSecond = 60;
  if (!cursor.done() || !east || !date.ok() || hour > 23 || minute > 59 || second > kLeapSecond)
    return std::nullopt;
  return WallTime{std::chrono::sys_days{date}} + std::chrono::hours{hour} +
         std::chrono::minutes{minute} + std::chrono::seconds{second} +
         std::chrono::microseconds{micros} - *east;
}

}  // namespace gcstreamd
