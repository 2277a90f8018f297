#pragma once

#include <cstdint>
#include <deque>
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
  std::uint64_t untold = 0;     ///< of these, in no `coverage_gap_filled` yet
  WallTime ask_at;              ///< when it is to be asked for (again)
};

struct CoverageOptions {
  /// A gap is asked for so long after its end, each time: rows change later.
  std::vector<std::chrono::seconds> asks{std::chrono::minutes{2}, std::chrono::hours{1},
                                         std::chrono::hours{24}};
  /// What could not be asked for within this time is lost.
  std::chrono::seconds give_up_after{std::chrono::hours{72}};
  /// A gap with more records than that is not asked for again: they would not be known again.
  std::uint64_t most_asked_again = 65536;
};

/// Knows when a stream was heard and when not, over all of its channels and over restarts, and
/// which gaps are still to be filled in. Owned by one stream. No clock: wall time is given, and a
/// clock that is set back makes no gap negative.
class Coverage {
 public:
  using Records = std::vector<AuditRecord>;

  /// `owner`: the org and endpoint that the gaps belong to.
  explicit Coverage(CoverageOptions options = {}, std::string owner = {})
      : options_(std::move(options)), owner_(std::move(owner)) {}

  /// For gaps from now on, and those that wait when they are asked for next.
  void configure(CoverageOptions options) { options_ = std::move(options); }

  /// The daemon starts with these groups. What was not known to be durable when it ended is a gap,
  /// for `cause`; a stream without a past has none before its first channel. Where the clock went
  /// back meanwhile nobody knows how long it was: an hour is taken.
  void start(std::size_t groups, std::string_view cause, WallTime now);
  /// Some topics were not heard in this time, whatever the groups were.
  Records unheard(const TimeWindow& window, std::string_view cause) {
    return close(window, std::string(cause));
  }
  /// A channel of this group is heard from now on. Returns the gap's record where that ends one.
  Records live(std::size_t group, ChannelNumber channel, WallTime now);
  /// No more, since `last_frame`. Where another channel is live that began later than that, nothing
  /// proves that events came in between: a gap, whose record is returned.
  Records lost(std::size_t group, ChannelNumber channel, std::string_view cause,
               WallTime last_frame);
  /// The group has no topics any more.
  Records drop(std::size_t group, WallTime now);
  /// Everything that came up to `time` is durable, the newest call counts: a crash opens a gap
  /// there.
  void confirm(WallTime time);
  /// What came since the last confirmed time cannot be delivered after all.
  void unconfirmed_is_lost(std::string_view cause);

  /// Whether every group is heard.
  bool covered() const { return !open_; }
  /// Since when it is not.
  std::optional<WallTime> open_from() const {
    return open_ ? std::optional(open_->from) : std::nullopt;
  }
  /// The gap that is to be asked for next, if any is due. Valid until the next change.
  const CoverageGap* due(WallTime now) const;
  std::optional<WallTime> next_due() const;
  /// All of the gap at the front of `due` was asked for: `recovered` new records came of it since
  /// the last call for it.
  Records filled(std::uint64_t recovered, WallTime now);
  /// Not all of it could be asked for now, `recovered` new records came of it. It is asked for
  /// later, or never when its time is up or `for_good`.
  struct Failure {
    std::string_view cause;
    bool for_good = false;
    WallTime ask_at;
    std::uint64_t recovered = 0;
  };
  Records failed(const Failure& failure, WallTime now);

  /// Records of that gap came, which is not at the front of `due` any more.
  void delivered(const TimeWindow& window, std::uint64_t records);

  const std::vector<CoverageGap>& gaps() const { return gaps_; }

  /// Records that may not be durable yet: they are saved with the state, to be told again after a
  /// crash. A gap told twice is found later, one that is forgotten is not.
  void keep(const AuditRecord& record) { kept_.push_back(record); }
  /// The first of them are durable.
  void forget_kept(std::size_t count);
  const std::deque<AuditRecord>& kept() const { return kept_; }

  /// State as one line of JSON, and back; false when the text is none: then nothing is known.
  std::string serialize() const;
  bool restore(std::string_view text);
  /// Whether what was restored is another owner's: nobody can ask for it any more.
  bool is_foreign() const { return !found_owner_.empty() && found_owner_ != owner_; }
  /// Forgets all that is known; `events_lost` for what was to be filled in, up to `now`.
  Records give_up(std::string_view cause, WallTime now);

  /// Beyond so many, the two with the least time between them become one.
  static constexpr std::size_t kMostGaps = 512;

 private:
  struct Open {
    WallTime from;
    std::string cause;
  };
  struct Group {
    std::map<ChannelNumber, WallTime> live;  ///< since then
    bool counts = false;                     ///< it was heard before, or the daemon started with it
  };

  bool all_heard() const;
  void open(WallTime from, std::string_view cause);
  Records close_if_heard(WallTime now);
  Records close(const TimeWindow& window, const std::string& cause);
  void add(CoverageGap gap);
  void join_nearest();

  CoverageOptions options_;
  std::string owner_;
  std::string found_owner_;  ///< in what was restored
  std::map<std::size_t, Group> groups_;
  std::optional<Open> open_;
  std::optional<WallTime> confirmed_;
  std::vector<CoverageGap> gaps_;  ///< closed, in order of `ask_at`
  std::deque<AuditRecord> kept_;
};

/// `coverage_gap` and its like: a record with the window's ends as times.
AuditRecord window_record(std::string_view type, const TimeWindow& window, std::string_view cause);

}  // namespace gcstreamd
