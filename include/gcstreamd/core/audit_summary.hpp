#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/core/audit_line.hpp"
#include "gcstreamd/core/coverage_days.hpp"
#include "gcstreamd/core/number_ranges.hpp"

namespace gcstreamd {

/// Ranges for people: the first ones and how many there are.
struct RangeList {
  static constexpr std::size_t kShown = 20;

  std::vector<Hole> shown;
  std::uint64_t ranges = 0;
  std::uint64_t numbers = 0;
  bool exact = true;  ///< false: more ranges than anyone counts
};

/// A run of the server's numbers that did not begin anew.
struct EpochSummary {
  RangeList received;
  RangeList lost;                           ///< by all sinks
  RangeList absent;                         ///< between the others: not in this log
  std::optional<SequenceNumber> lost_from;  ///< from here on, nobody knows how many
  std::uint64_t twice = 0;
  std::uint64_t out_of_order = 0;
};

/// How many records tell of something, and of how many numbers.
struct Tally {
  std::uint64_t records = 0;
  std::uint64_t numbers = 0;
  void add(std::uint64_t count) {
    ++records;
    numbers += count;
  }
};

/// What an audit log says of one stream's sequence. Values in, values out; its memory is bounded by
/// the number of ranges, epochs and sinks, and beyond the bounds it only counts.
class StreamSummary {
 public:
  static constexpr std::size_t kMostEpochs = 64;
  static constexpr std::size_t kMostSinks = 32;

  explicit StreamSummary(std::string_view stream) : stream_(stream) {}

  void add(const AuditLine& record);

  struct SinkLoss {
    Tally tally;
    NumberRanges ranges{RangeList::kShown};
    std::uint64_t uncounted = 0;  ///< records that nobody knows a number of
  };

  const std::string& stream() const { return stream_; }
  std::uint64_t records() const { return records_; }
  std::uint64_t events() const { return events_; }          ///< with a number
  std::uint64_t unnumbered() const { return unnumbered_; }  ///< events without one
  const Tally& gaps() const { return gaps_; }
  const Tally& filled() const { return filled_; }
  const Tally& lost() const { return lost_; }  ///< by all sinks; without those that nobody counted
  std::uint64_t lost_uncounted() const { return lost_uncounted_; }
  const std::map<std::string, SinkLoss, std::less<>>& lost_by_sink() const { return by_sink_; }
  const Tally& lost_by_other_sinks() const { return other_sinks_; }
  const Tally& duplicates() const { return duplicates_; }
  std::uint64_t resets() const { return resets_; }
  std::uint64_t moves() const { return moves_; }
  bool any_lost() const;
  /// Whether the stream's channels are told of: then coverage says when it was heard.
  bool has_channels() const { return channels_ > 0; }
  const CoverageDays& coverage() const { return coverage_; }
  /// The same with the gap that was open when the log ended, at `end`.
  CoverageDays coverage_up_to(WallTime end) const;
  /// When its first channel opened: coverage begins there.
  std::optional<WallTime> heard_from() const { return heard_from_; }
  /// Since when nothing was heard when the log ended.
  std::optional<WallTime> unheard_from() const { return unheard_from_; }
  std::uint64_t windows_lost() const { return windows_lost_; }
  /// Those of before, and the one that runs. Beyond kMostEpochs the later ones are not kept.
  std::vector<EpochSummary> epochs() const;
  std::uint64_t epochs_left_out() const { return epochs_left_out_; }

 private:
  struct Epoch {
    NumberRanges received;
    NumberRanges lost;
    EpochSummary told;
  };

  void on_event(const AuditLine& record);
  void on_lost(const AuditLine& record);
  void on_channels(const AuditLine& record);
  void on_sink_loss(const AuditLine& record, std::uint64_t count);
  void begin_epoch();
  static EpochSummary summarize(const Epoch& epoch);

  std::string stream_;
  std::uint64_t records_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t unnumbered_ = 0;
  std::uint64_t lost_uncounted_ = 0;
  std::uint64_t resets_ = 0;
  std::uint64_t moves_ = 0;
  std::uint64_t epochs_left_out_ = 0;
  std::uint64_t channels_ = 0;
  std::uint64_t windows_lost_ = 0;  ///< that nothing could be asked about
  CoverageDays coverage_;
  std::optional<WallTime> heard_from_;
  std::optional<WallTime> unheard_from_;
  Tally gaps_;
  Tally filled_;
  Tally lost_;
  Tally duplicates_;
  Tally other_sinks_;
  std::map<std::string, SinkLoss, std::less<>> by_sink_;
  Epoch epoch_;
  std::vector<EpochSummary> past_;
};

/// What one chain of audit records says, stream by stream (one stream, unless it was renamed).
class AuditSummary {
 public:
  static constexpr std::size_t kMostStreams = 64;

  void add(const AuditLine& record);

  const std::vector<StreamSummary>& streams() const { return streams_; }
  std::uint64_t records() const { return records_; }
  std::uint64_t records_left_out() const { return records_left_out_; }  ///< of yet more streams
  const std::string& first_ts() const { return first_ts_; }
  const std::string& last_ts() const { return last_ts_; }
  bool any_lost() const;

 private:
  StreamSummary* stream(std::string_view name);

  std::vector<StreamSummary> streams_;
  std::size_t last_used_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t records_left_out_ = 0;
  bool left_out_lost_ = false;
  std::string first_ts_;
  std::string last_ts_;
};

}  // namespace gcstreamd
