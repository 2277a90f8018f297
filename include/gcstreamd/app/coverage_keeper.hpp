#pragma once

#include <deque>

#include "gcstreamd/app/state_file.hpp"
#include "gcstreamd/core/coverage.hpp"

namespace gcstreamd {

/// A stream's coverage, kept over restarts: what changes it is saved before its records are told,
/// because a gap that is told twice is found later, and one that is forgotten is not. Used on the
/// loop's thread.
class CoverageKeeper {
 public:
  /// Called from the loop, never from inside a call.
  struct Events {
    std::function<void(const AuditRecord&)> on_record;
    std::function<void()> on_saved;  ///< or it could not be
  };
  /// `owner`: as Coverage takes it.
  CoverageKeeper(const SinkContext& context, std::filesystem::path file, CoverageOptions options,
                 std::string owner, Events events);

  void load(WallTime now);
  void configure(CoverageOptions options) { coverage_.configure(std::move(options)); }
  Coverage& coverage() { return coverage_; }
  const Coverage& coverage() const { return coverage_; }

  /// It changed: saves it, then tells the records.
  void changed(Coverage::Records records = {});
  /// All that came up to then is durable: saved with the next tick.
  void confirm(WallTime time);
  /// About once a second.
  void tick();
  /// Whether all is saved and told, as far as the disk lets it be.
  bool idle() const { return (!wanted_ || failed_) && file_.idle(); }
  /// All that was told is durable: saves that, then `on_saved` comes. False: there is no need.
  bool forget_all_told();
  /// It cannot be saved.
  bool failed() const { return failed_; }

 private:
  void save();
  void forget_told();
  void on_end(boost::system::error_code error);

  Events events_;
  StateFile file_;
  Coverage coverage_;
  Coverage::Records waiting_;  ///< for the next save
  Coverage::Records saving_;   ///< for the one under way
  struct Told {
    std::size_t records;
    unsigned ticks;
  };
  std::deque<Told> told_;   ///< the first that Coverage keeps
  bool wanted_ = false;     ///< it changed since the last save began
  bool confirmed_ = false;  ///< likewise, by `confirm` alone
  bool failed_ = false;
};

}  // namespace gcstreamd
