#include "gcstreamd/app/coverage_keeper.hpp"

#include <utility>

#include "gcstreamd/core/errors.hpp"

namespace gcstreamd {

CoverageKeeper::CoverageKeeper(const SinkContext& context, std::filesystem::path file,
                               CoverageOptions options, Events events)
    : events_(std::move(events)), file_(context, std::move(file)), coverage_(std::move(options)) {}

void CoverageKeeper::changed(Coverage::Records records) {
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

void CoverageKeeper::tick() {
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
    for (const AuditRecord& record : told)
      events_.on_record(record);
    if (wanted_)
      save();
  }
  events_.on_saved();
}

}  // namespace gcstreamd
