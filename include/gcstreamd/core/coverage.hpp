#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/core/audit_record.hpp"
#include "gcstreamd/core/channel_machine.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// From `from` up to `to`, without `to`.
struct TimeWindow {
  WallTime from;
  WallTime to;
  bool operator==(const TimeWindow&) const = default;
};

/// Time without a live, subscribed socket for one of a stream's groups of topics.
struct CoverageGap {
  TimeWindow window;
  std::string cause;
  unsigned asked = 0;           ///< how often it was filled in
  std::uint64_t recovered = 0;  ///< records so far
  WallTime ask_at;              ///< when it is to be asked for (again)
};

struct CoverageOptions {
  /// A gap is asked for so long after its end, each time: rows change later.
  std::vector<std::chrono::seconds> asks{std::chrono::minutes{2}, std::chrono::hours{1},
                                         std::chrono::hours{24}};
  /// What could not be asked for within this time is lost.
  std::chrono::seconds give_up_after{std::chrono::hours{72}};
};

/// Knows when a stream was heard and when not, over all of its channels and over restarts, and
/// which gaps are still to be filled in. Owned by one stream. No clock: wall time is given, and a
/// clock that is set back makes no gap negative.
class Coverage {
 public:
  using Records = std::vector<AuditRecord>;

  explicit Coverage(CoverageOptions options = {}) : options_(std::move(options)) {}

  /// For gaps from now on, and those that wait when they are asked for next.
  void configure(CoverageOptions options) { options_ = std::move(options); }

  /// The daemon starts with these groups. What was not known to be durable when it ended is a gap,
  /// for `cause`; a stream without a past has none, however long its first channel takes.
  void start(std::size_t groups, std::string_view cause, WallTime now);
  /// A channel of this group is heard from now on. Returns the gap's record where that ends one.
  Records live(std::size_t group, ChannelNumber channel, WallTime now);
  /// No more, since `last_frame`.
  void lost(std::size_t group, ChannelNumber channel, std::string_view cause, WallTime last_frame);
  /// The group has no topics any more.
  Records drop(std::size_t group, WallTime now);
  /// Everything that came up to `time` is durable: a crash opens a gap there.
  void confirm(WallTime time);
  /// What came since the last confirmed time cannot be delivered after all.
  void unconfirmed_is_lost(std::string_view cause);

  /// Whether every group is heard.
  bool covered() const { return !open_; }
  /// The gap that is to be asked for next, if any is due. Valid until the next change.
  const CoverageGap* due(WallTime now) const;
  std::optional<WallTime> next_due() const;
  /// All of the gap at the front of `due` was asked for: `recovered` new records came of it.
  Records filled(std::uint64_t recovered, WallTime now);
  /// It could not be asked for now; later, or never when its time is up or `for_good`.
  Records failed(std::string_view cause, bool for_good, WallTime ask_at, WallTime now);

  const std::vector<CoverageGap>& gaps() const { return gaps_; }

  /// State as one line of JSON, and back; false when the text is none: then nothing is known.
  std::string serialize() const;
  bool restore(std::string_view text);

  /// Beyond so many, the two with the least time between them become one.
  static constexpr std::size_t kMostGaps = 512;

 private:
  struct Open {
    WallTime from;
    std::string cause;
  };
  struct Group {
    std::set<ChannelNumber> live;
    bool counts = false;  ///< it was heard before, or the daemon started with it
  };

  bool all_heard() const;
  void open(WallTime from, std::string_view cause);
  Records close_if_heard(WallTime now);
  void add(CoverageGap gap);
  void join_nearest();

  CoverageOptions options_;
  std::map<std::size_t, Group> groups_;
  std::optional<Open> open_;
  std::optional<WallTime> confirmed_;
  std::vector<CoverageGap> gaps_;  ///< closed, in order of `ask_at`
};

/// `coverage_gap` and its like: a record with the window's ends as times.
AuditRecord window_record(std::string_view type, const TimeWindow& window, std::string_view cause);

}  // namespace gcstreamd
