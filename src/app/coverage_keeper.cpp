#include "gcstreamd/app/coverage_keeper.hpp"

#include <utility>

#include "gcstreamd/core/errors.hpp"

namespace gcstreamd {

CoverageKeeper::CoverageKeeper(const SinkContext& context, std::filesystem::path file,
                               CoverageOptions options, std::string owner, Events events)
    : events_(std::move(events)),
      file_(context, std::move(file)),
      coverage_(std::move(options), std::move(owner)) {}

void CoverageKeeper::load(WallTime now) {
  coverage_.restore(file_.load());
  waiting_.assign(coverage_.kept().begin(), coverage_.kept().end());
  wanted_ = !waiting_.empty();
  if (coverage_.is_foreign())
    changed(coverage_.give_up("other_org", now));
}

void CoverageKeeper::changed(Coverage::Records records) {
  for (const AuditRecord& record : records)
    coverage_.keep(record);
  waiting_.insert(waiting_.end(), std::make_move_iterator(records.begin()),
                  std::make_move_iterator(records.end()));
  wanted_ = true;
  if (file_.idle())
    save();
}

void CoverageKeeper::confirm(WallTime time) {
  coverage_.confirm(time);
  confirmed_ = true;
}

/// By then every sink has synced.
void CoverageKeeper::forget_told() {
  constexpr unsigned kTicks = 5;
  for (Told& told : told_)
    ++told.ticks;
  while (!told_.empty() && told_.front().ticks > kTicks) {
    coverage_.forget_kept(told_.front().records);
    told_.pop_front();
    wanted_ = true;
  }
}

bool CoverageKeeper::forget_all_told() {
  if (told_.empty() || !file_.idle() || failed_)
    return false;
  for (const Told& told : std::exchange(told_, {}))
    coverage_.forget_kept(told.records);
  save();
  return true;
}

void CoverageKeeper::tick() {
  forget_told();
  if ((wanted_ || confirmed_) && file_.idle())
    save();
}

void CoverageKeeper::save() {
  wanted_ = confirmed_ = false;
  saving_ = std::exchange(waiting_, {});
  file_.save(coverage_.serialize() + '\n',
             [this](boost::system::error_code error) { on_end(error); });
}

void CoverageKeeper::on_end(boost::system::error_code error) {
  Coverage::Records told = std::exchange(saving_, {});
  if (error) {  // the next tick tries again
    waiting_.insert(waiting_.begin(), std::make_move_iterator(told.begin()),
                    std::make_move_iterator(told.end()));
    wanted_ = true;
    if (!std::exchange(failed_, true))
      events_.on_record(AuditRecord("sink_failed")
                            .text("sink", "state_dir")
                            .text("error", file_.path() + ": " + describe_errno(error.value()))
                            .text("hint",
                                  "coverage cannot be saved: free space or mend the path of "
                                  "state_dir; it is tried again every second"));
  } else {
    if (std::exchange(failed_, false))
      events_.on_record(AuditRecord("sink_recovered").text("sink", "state_dir"));
    if (!told.empty())
      told_.push_back({told.size(), 0});
    for (const AuditRecord& record : told)
      events_.on_record(record);
    if (wanted_)
      save();
  }
  events_.on_saved();
}

}  // namespace gcstreamd
