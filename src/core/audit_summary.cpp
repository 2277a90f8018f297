#include "gcstreamd/core/audit_summary.hpp"

#include <algorithm>

#include "gcstreamd/core/time_format.hpp"

namespace gcstreamd {
namespace {

RangeList list_of(const NumberRanges& ranges) {
  return {ranges.first(RangeList::kShown), ranges.size(), ranges.count(), ranges.exact()};
}

std::uint64_t distance(std::optional<std::uint64_t> from, std::optional<std::uint64_t> to) {
  return from && to && *to >= *from ? *to - *from + 1 : 0;
}

std::optional<TimeWindow> window_of(const AuditLine& record) {
  const auto from = parse_time(record.from_time);
  const auto to = parse_time(record.to_time);
  if (!from || !to || *to < *from)
    return std::nullopt;
  return TimeWindow{*from, *to};
}

/// What lies between the numbers of either set, and in neither.
RangeList between(const NumberRanges& one, const NumberRanges& other) {
  RangeList holes;
  holes.exact = one.exact() && other.exact();
  auto left = one.all().begin();
  auto right = other.all().begin();
  std::optional<SequenceNumber> reached;
  while (left != one.all().end() || right != other.all().end()) {
    const bool take_left =
        right == other.all().end() || (left != one.all().end() && left->first <= right->first);
    const auto [from, to] = take_left ? *left++ : *right++;
    if (reached && from > *reached + 1) {
      const Hole hole{*reached + 1, from - 1};
      if (holes.shown.size() < RangeList::kShown)
        holes.shown.push_back(hole);
      ++holes.ranges;
      holes.numbers += hole.count();
    }
    reached = std::max(reached.value_or(0), to);
  }
  return holes;
}

}  // namespace

void StreamSummary::add(const AuditLine& record) {
  ++records_;
  const std::string_view type = record.type;
  if (type == "event_received") {
    on_event(record);
  } else if (type == "sequence_gap_detected") {
    gaps_.add(record.missing.value_or(0));
  } else if (type == "sequence_gap_filled") {
    filled_.add(distance(record.from, record.to));
  } else if (type == "events_lost") {
    on_lost(record);
  } else if (type == "duplicate_suppressed") {
    duplicates_.add(record.count.value_or(0));
  } else if (type == "sequence_reset") {
    ++resets_;
    begin_epoch();
  } else if (type == "position_moved") {
    ++moves_;
    begin_epoch();
  } else {
    on_channels(record);
  }
}

void StreamSummary::on_channels(const AuditLine& record) {
  if (record.type == "channel_opened" && channels_++ == 0)
    heard_from_ = parse_time(record.ts);
  if (record.type == "metrics" || record.type == "coverage_gap")
    unheard_from_ = parse_time(record.unheard_from);
  const bool gap = record.type == "coverage_gap";
  if (!gap && record.type != "coverage_gap_filled")
    return;
  const auto window = window_of(record);
  if (!window)
    return;
  if (gap)
    coverage_.gap(*window);
  else
    coverage_.filled(*window);
}

void StreamSummary::on_event(const AuditLine& record) {
  if (!record.sequence_number) {
    ++unnumbered_;
    return;
  }
  const SequenceNumber number = *record.sequence_number;
  ++events_;
  const bool late = !epoch_.received.empty() && number < epoch_.received.highest();
  if (epoch_.received.add({number, number}) > 0)
    ++epoch_.told.twice;
  else if (late)
    ++epoch_.told.out_of_order;
}

void StreamSummary::on_lost(const AuditLine& record) {
  if (!record.from_time.empty()) {
    ++windows_lost_;
    return;
  }
  const std::uint64_t count = record.count.value_or(distance(record.from, record.to));
  if (!record.sink.empty()) {
    on_sink_loss(record, count);
  } else if (!record.to) {
    ++lost_uncounted_;
    epoch_.told.lost_from = record.from;
    begin_epoch();
  } else {
    lost_.add(count);
    epoch_.lost.add({record.from.value_or(*record.to), *record.to});
  }
}

void StreamSummary::on_sink_loss(const AuditLine& record, std::uint64_t count) {
  auto found = by_sink_.find(record.sink);
  if (found == by_sink_.end()) {
    if (by_sink_.size() >= kMostSinks) {
      other_sinks_.add(count);
      return;
    }
    found = by_sink_.emplace(record.sink, SinkLoss{}).first;
  }
  if (!record.from) {
    ++found->second.uncounted;
    return;
  }
  found->second.tally.add(count);
  if (record.to)
    found->second.ranges.add({record.from.value_or(*record.to), *record.to});
}

void StreamSummary::begin_epoch() {
  const bool empty =
      epoch_.received.empty() && epoch_.lost.empty() && !epoch_.told.lost_from.has_value();
  if (empty)
    return;
  if (past_.size() < kMostEpochs)
    past_.push_back(summarize(epoch_));
  else
    ++epochs_left_out_;
  epoch_ = Epoch();
}

EpochSummary StreamSummary::summarize(const Epoch& epoch) {
  EpochSummary summary = epoch.told;
  summary.received = list_of(epoch.received);
  summary.lost = list_of(epoch.lost);
  summary.absent = between(epoch.received, epoch.lost);
  return summary;
}

std::vector<EpochSummary> StreamSummary::epochs() const {
  std::vector<EpochSummary> all = past_;
  if (!epoch_.received.empty() || !epoch_.lost.empty())
    all.push_back(summarize(epoch_));
  return all;
}

bool StreamSummary::any_lost() const {
  return lost_.records > 0 || lost_uncounted_ > 0 || !by_sink_.empty() || windows_lost_ > 0 ||
         !coverage_.complete() || unheard_from_;
}

CoverageDays StreamSummary::coverage_up_to(WallTime end) const {
  CoverageDays coverage = coverage_;
  if (unheard_from_)
    coverage.gap({*unheard_from_, end});
  return coverage;
}

StreamSummary* AuditSummary::stream(std::string_view name) {
  if (last_used_ < streams_.size() && streams_[last_used_].stream() == name)
    return &streams_[last_used_];
  const auto found = std::find_if(streams_.begin(), streams_.end(),
                                  [&](const auto& one) { return one.stream() == name; });
  last_used_ = static_cast<std::size_t>(found - streams_.begin());
  if (found != streams_.end())
    return &*found;
  return streams_.size() < kMostStreams ? &streams_.emplace_back(name) : nullptr;
}

void AuditSummary::add(const AuditLine& record) {
  if (records_++ == 0)
    first_ts_ = record.ts;
  last_ts_ = record.ts;
  if (StreamSummary* summary = stream(record.stream)) {
    summary->add(record);
    return;
  }
  ++records_left_out_;
  left_out_lost_ = left_out_lost_ || record.type == "events_lost";
}

bool AuditSummary::any_lost() const {
  return left_out_lost_ || std::any_of(streams_.begin(), streams_.end(),
                                       [](const auto& one) { return one.any_lost(); });
}

}  // namespace gcstreamd
