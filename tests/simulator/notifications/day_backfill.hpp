// For tests: coverage of a client's day, and how its gaps are filled in.
//
// Ownership: borrows all that it is made with, which must outlive it. For one thread at a time.
#pragma once

#include <optional>

#include "gcstreamd/core/backfill_plan.hpp"
#include "gcstreamd/core/coverage.hpp"
#include "simulator/notifications/day_desk.hpp"
#include "simulator/notifications/day_record.hpp"

namespace gcstream_sim {

class DayBackfill {
 public:
  DayBackfill(const DayClock& clock, DayDesk& desk, core::LocalNumbers& numbers, DayRecord& record)
      : clock_(clock), desk_(desk), numbers_(numbers), record_(record) {}

  core::Coverage& coverage() { return coverage_; }
  void tell(const core::Coverage::Records& records);
  // Asks for the gap that is due, as far as the budget goes.
  void live_on();

 private:
  void begin(const core::CoverageGap& gap);
  core::Outcome<std::vector<core::RecoveredRecord>> ask();
  bool still_first() const;
  void take(const core::RecoveredRecord& one);
  void finish();
  void fail(const core::Fault& fault);

  const DayClock& clock_;
  DayDesk& desk_;
  core::LocalNumbers& numbers_;
  DayRecord& record_;
  core::Coverage coverage_;
  std::optional<core::BackfillPlan> plan_;
  core::TimeWindow window_;
  unsigned asked_ = 0;       // for this gap, before
  std::uint64_t fresh_ = 0;  // records of this time
};

}  // namespace gcstream_sim
