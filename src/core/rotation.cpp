#include "gcstreamd/core/rotation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gcstreamd/core/time_format.hpp"

namespace gcstreamd {
namespace {

using Compress = RotateConfig::Compress;
using std::chrono::sys_seconds;

constexpr unsigned kLastNumber = 999999;
constexpr std::size_t kStampSize = std::string_view("20261123T184455Z-000001").size();

std::string format_stamp(sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

bool has_shape_of_stamp(std::string_view text) {
  constexpr std::string_view kShape = "dddddddd'T'dddddd'Z-'dddddd";
  std::size_t at = 0;
  for (const char shape : kShape) {
    if (shape == '\'')
      continue;
    const char c = at < text.size() ? text[at++] : '\0';
    if (shape == 'd' ? c < '0' || c > '9' : c != shape)
      return false;
  }
  return at == text.size();
}

/// `20261123T184455Z-000001`.
std::optional<RotatedName> parse_stamp(std::string_view text) {
  if (!has_shape_of_stamp(text))
    return std::nullopt;
  const auto time = parse_time(fmt::format("{}-{}-{}T{}:{}:{}Z", text.substr(0, 4),
                                           text.substr(4, 2), text.substr(6, 2), text.substr(9, 2),
                                           text.substr(11, 2), text.substr(13, 2)));
  unsigned number = 0;
  for (const char digit : text.substr(kStampSize - 6))
    number = number * 10 + static_cast<unsigned>(digit - '0');
  if (!time || number == 0)
    return std::nullopt;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*time);
  if (!text.starts_with(format_stamp(seconds)))  // a leap second has no moment of its own
    return std::nullopt;
  return RotatedName{seconds, number, Compress::none};
}

Compress take_suffix(std::string_view& text) {
  for (const Compress one : {Compress::gzip, Compress::zstd}) {
    if (!text.ends_with(suffix_of(one)))
      continue;
    text.remove_suffix(suffix_of(one).size());
    return one;
  }
  return Compress::none;
}

/// Four digits of a year are all that a name has room for.
sys_seconds clamp_to_names(WallTime wall) {
  using namespace std::chrono;
  constexpr sys_seconds kFirst{sys_days{year{0} / 1 / 1}};
  constexpr sys_seconds kLast{sys_days{year{9999} / 12 / 31} + hours{23} + minutes{59} +
                              seconds{59}};
  return std::clamp(floor<seconds>(wall), kFirst, kLast);
}

RotatedName after(const RotatedName& name) {
  if (name.number < kLastNumber)
    return {name.time, name.number + 1, Compress::none};
  return {name.time + std::chrono::seconds{1}, 1, Compress::none};
}

/// One rotation: a file, or two where it is there plain and compressed.
struct Rotation {
  RotatedName name;
  std::uint64_t bytes = 0;
  std::vector<RotatedFile> files;
};

std::vector<Rotation> rotations_of(std::string_view base, std::span<const RotatedFile> files) {
  std::vector<Rotation> all;
  for (const RotatedFile& file : files)
    if (const auto name = parse_rotated_name(base, file.name); name && file.bytes > 0)
      all.push_back({*name, file.bytes, {file}});
  std::sort(all.begin(), all.end(),
            [](const Rotation& a, const Rotation& b) { return a.name.before(b.name); });
  std::vector<Rotation> merged;
  for (Rotation& one : all) {
    if (merged.empty() || !merged.back().name.same_rotation(one.name)) {
      merged.push_back(std::move(one));
      continue;
    }
    merged.back().bytes += one.bytes;
    merged.back().files.push_back(std::move(one.files.front()));
  }
  return merged;
}

}  // namespace

void RotationTrigger::opened(std::uint64_t size, std::chrono::nanoseconds age, SteadyTime now) {
  // Beyond what any configuration asks for: no file overflows the clock.
  constexpr std::chrono::nanoseconds kOldest = std::chrono::years{100};
  size_ = size;
  begun_ = now - std::clamp(age, std::chrono::nanoseconds{0}, kOldest);
}

void RotationTrigger::resized(std::uint64_t size, SteadyTime now) {
  if (size_ == 0)
    begun_ = now;
  size_ = size;
}

bool RotationTrigger::due(const RotateConfig& rotate, SteadyTime now, std::uint64_t coming) const {
  if (size_ == 0)
    return false;
  if (rotate.max_bytes > 0 && (size_ >= rotate.max_bytes || coming > rotate.max_bytes - size_))
    return true;
  const auto at = due_at(rotate);
  return at && now >= *at;
}

std::optional<SteadyTime> RotationTrigger::due_at(const RotateConfig& rotate) const {
  if (size_ == 0 || rotate.max_age.count() == 0)
    return std::nullopt;
  return begun_ + rotate.max_age;
}

std::string_view suffix_of(Compress compress) {
  switch (compress) {
    case Compress::none:
      return "";
    case Compress::gzip:
      return ".gz";
    case Compress::zstd:
      return ".zst";
  }
  return "";
}

std::string format_rotated_name(std::string_view base, const RotatedName& name) {
  return fmt::format("{}.{}-{:06}{}", base, format_stamp(name.time), name.number,
                     suffix_of(name.compress));
}

std::optional<RotatedName> parse_rotated_name(std::string_view base, std::string_view name) {
  if (base.empty() || !name.starts_with(base))
    return std::nullopt;
  name.remove_prefix(base.size());
  if (!name.starts_with('.'))
    return std::nullopt;
  name.remove_prefix(1);
  const Compress compress = take_suffix(name);
  auto parsed = parse_stamp(name);
  if (parsed)
    parsed->compress = compress;
  return parsed;
}

bool looks_rotated(std::string_view path) {
  take_suffix(path);
  return path.size() > kStampSize && path[path.size() - kStampSize - 1] == '.' &&
         parse_stamp(path.substr(path.size() - kStampSize));
}

std::string next_rotated_name(std::string_view base, std::span<const std::string> existing,
                              WallTime wall) {
  std::optional<RotatedName> newest;
  for (const std::string& one : existing)
    if (const auto name = parse_rotated_name(base, one); name && (!newest || newest->before(*name)))
      newest = name;
  const RotatedName fresh{clamp_to_names(wall), 1, Compress::none};
  return format_rotated_name(base, newest && fresh.time <= newest->time ? after(*newest) : fresh);
}

std::vector<RotatedFile> plan_retention(const RotateConfig& rotate, std::string_view base,
                                        std::span<const RotatedFile> files,
                                        std::uint64_t live_bytes) {
  const auto rotations = rotations_of(base, files);
  std::uint64_t total = live_bytes;
  for (const Rotation& one : rotations)
    total += one.bytes;
  std::uint64_t left = rotations.size();
  std::vector<RotatedFile> doomed;
  for (const Rotation& one : rotations) {
    const bool too_many = rotate.keep > 0 && left > rotate.keep;
    const bool too_much = rotate.max_total_bytes > 0 && total > rotate.max_total_bytes;
    if (!too_many && !too_much)
      break;
    --left;
    total -= one.bytes;
    doomed.insert(doomed.end(), one.files.begin(), one.files.end());
  }
  return doomed;
}

}  // namespace gcstreamd
