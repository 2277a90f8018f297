#include "gcstreamd/core/http_date.hpp"

#include <algorithm>
#include <array>

namespace gcstreamd {
namespace {

constexpr auto kDays = std::to_array<std::string_view>(
    {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"});
constexpr auto kMonths = std::to_array<std::string_view>(
    {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});
constexpr std::size_t kShort = 3;

/// Reads a date by a pattern: A day's name, a its short form, B month's short name, D and e two
/// digits of a day (e: or a space and one), Y four and y two digits of a year, H M S; Z
/// for GMT; all else stands for itself.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_(text) {}

  bool read(std::string_view pattern) {
    return std::all_of(pattern.begin(), pattern.end(), [this](char c) { return part(c); }) &&
           rest_.empty();
  }

  /// Empty where there is no such day or time of day.
  std::optional<WallTime> time(int year) const {
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month_},
                                           std::chrono::day{day_}};
    constexpr unsigned kLeapSecond = 60;
    if (!date.ok() || hour_ > 23 || minute_ > 59 || second_ > kLeapSecond)
      return std::nullopt;
    return WallTime{std::chrono::sys_days{date}} + std::chrono::hours{hour_} +
           std::chrono::minutes{minute_} + std::chrono::seconds{second_};
  }
  int year() const { return static_cast<int>(year_); }

 private:
  bool part(char c) {
    switch (c) {
      case 'A':
        return word(kDays, std::string_view::npos) < kDays.size();
      case 'a':
        return word(kDays, kShort) < kDays.size();
      case 'B':
        month_ = static_cast<unsigned>(word(kMonths, kShort)) + 1;
        return month_ <= kMonths.size();
      case 'D':
        return digits(2, day_);
      case 'e':
        return rest_.starts_with(' ') ? literal(' ') && digits(1, day_) : digits(2, day_);
      case 'Y':
        return digits(4, year_);
      case 'y':
        return digits(2, year_);
      case 'H':
        return digits(2, hour_);
      case 'M':
        return digits(2, minute_);
      case 'S':
        return digits(2, second_);
      case 'Z':
        return literal('G') && literal('M') && literal('T');
      default:
        return literal(c);
    }
  }

  bool literal(char c) {
    if (!rest_.starts_with(c))
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool digits(std::size_t width, unsigned& value) {
    const std::string_view text = rest_.substr(0, width);
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() < width || !std::all_of(text.begin(), text.end(), digit))
      return false;
    value = 0;
    for (const char c : text)
      value = value * 10 + static_cast<unsigned>(c - '0');
    rest_.remove_prefix(width);
    return true;
  }

  /// The index of the name that comes, or names.size().
  template <class Names>
  std::size_t word(const Names& names, std::size_t length) {
    const auto found = std::find_if(names.begin(), names.end(), [&](std::string_view name) {
      return rest_.starts_with(name.substr(0, length));
    });
    if (found != names.end())
      rest_.remove_prefix(std::min(found->size(), length));
    return static_cast<std::size_t>(found - names.begin());
  }

  std::string_view rest_;
  unsigned year_ = 0;
  unsigned month_ = 0;
  unsigned day_ = 0;
  unsigned hour_ = 0;
  unsigned minute_ = 0;
  unsigned second_ = 0;
};

/// More than fifty years ahead means the last century's.
std::optional<WallTime> in_century(const DateReader& date, WallTime now) {
  constexpr int kCentury = 100;
  constexpr int kFarAhead = 50;
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  const int this_year = static_cast<int>(today.year());
  const int year = this_year - this_year % kCentury + date.year();
  return date.time(year > this_year + kFarAhead ? year - kCentury : year);
}

}  // namespace

std::optional<WallTime> parse_http_date(std::string_view text, WallTime now) {
  if (DateReader fixed(text); fixed.read("a, D B Y H:M:S Z"))
    return fixed.time(fixed.year());
  if (DateReader asctime(text); asctime.read("a B e H:M:S Y"))
    return asctime.time(asctime.year());
  if (DateReader rfc850(text); rfc850.read("A, D-B-y H:M:S Z"))
    return in_century(rfc850, now);
  return std::nullopt;
}

}  // namespace gcstreamd
