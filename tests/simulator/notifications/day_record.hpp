// For tests: what a client has at the end of a day, and how that compares with the truth.
//
// Values and pure functions but for the truth file that is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/core/audit_record.hpp"
#include "gcstreamd/core/coverage_days.hpp"

namespace gcstream_sim {

namespace core = gcstreamd;

// What tells one event from another: topic, conversation and time of its frame.
std::string key_of_event(std::string_view frame);
// An event of a conversation as its row tells of it.
std::string key_of_segment(std::string_view conversation, std::int64_t milliseconds);
std::string key_of_segment(std::string_view frame);

struct DayRecord {
  std::map<std::string, unsigned> delivered;          // events, how often each
  std::map<std::string, unsigned> recovered;          // segments, by which ask first
  std::map<std::string, core::WallTime> heard_since;  // topics
  std::vector<core::SequenceNumber> numbers;
  std::vector<core::TimeWindow> gaps;
  std::vector<core::TimeWindow> lost;
  core::CoverageDays coverage;
  std::map<std::string, unsigned> gap_causes;
  std::map<std::string, unsigned> reconnect_causes;
  std::map<std::string, unsigned> notes;  // records by their types
  std::vector<std::string> rejected;
  std::size_t most_channels = 0;
  unsigned duplicates = 0;
  unsigned strange = 0;  // frames that are neither events nor signs of life
  unsigned waits = 0;    // for the request budget
  bool ended = false;

  void tell(const core::AuditRecord& record);
};

// Where the events of the truth are.
struct DayAccount {
  unsigned events = 0;
  unsigned unwanted = 0;  // nobody had their topics yet, or may have them
  unsigned live = 0;
  unsigned recovered = 0;
  unsigned late = 0;  // of these, not before it was asked again
  unsigned lost = 0;
  std::vector<std::string> not_once;     // heard, and not delivered once
  std::vector<std::string> unaccounted;  // in none of these
};
DayAccount settle(const std::filesystem::path& truth, const DayRecord& record);

}  // namespace gcstream_sim
