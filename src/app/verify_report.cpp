#include "gcstreamd/app/verify_report.hpp"

#include <fmt/format.h>

#include "gcstreamd/core/text.hpp"
#include "gcstreamd/core/time_format.hpp"

namespace gcstreamd {
namespace {

/// Names from outside are shown without control characters.
std::string shown(std::string_view text) {
  const std::string quoted = json_string(text);
  return quoted.substr(1, quoted.size() - 2);
}

class Report {
 public:
  void line(std::string_view label, std::string_view value) {
    text_ += fmt::format("  {:<12} {}\n", label, value);
  }
  void plain(std::string_view value) { text_ += fmt::format("{}\n", value); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string list(const RangeList& list) {
  if (list.ranges == 0)
    return "none";
  std::string text;
  for (const Hole& range : list.shown) {
    text += text.empty() ? "" : ", ";
    text += range.from == range.to ? fmt::format("{}", range.from)
                                   : fmt::format("{}-{}", range.from, range.to);
  }
  if (list.ranges > list.shown.size())
    text += fmt::format(", and {} more ranges", list.ranges - list.shown.size());
  text += fmt::format(" ({} numbers)", list.numbers);
  return text +
         (list.exact ? "" : " (too many ranges: the count is right, the ranges are not all)");
}

std::string files_of(const std::vector<std::string>& files) {
  return files.size() == 1
             ? shown(files.front())
             : fmt::format("{}: {} to {}", files.size(), shown(files.front()), shown(files.back()));
}

void add_epoch(Report& report, const EpochSummary& epoch) {
  report.line("received", list(epoch.received));
  if (epoch.lost.ranges > 0)
    report.line("lost", list(epoch.lost));
  if (epoch.lost_from)
    report.line("lost", fmt::format("from {} on, nobody knows how many", *epoch.lost_from));
  if (epoch.absent.ranges > 0)
    report.line("not here", list(epoch.absent) + ": in no record of this log");
  if (epoch.twice > 0)
    report.line("twice", fmt::format("{} numbers were received again", epoch.twice));
  if (epoch.out_of_order > 0)
    report.line("order", fmt::format("{} numbers came after higher ones", epoch.out_of_order));
}

void add_sinks(Report& report, const StreamSummary& stream) {
  for (const auto& [sink, loss] : stream.lost_by_sink()) {
    const NumberRanges& ranges = loss.ranges;
    const RangeList lost{ranges.first(RangeList::kShown), ranges.size(), ranges.count(),
                         ranges.exact()};
    if (loss.tally.records > 0)
      report.line("lost by", fmt::format("{} alone: {} events within {}", shown(sink),
                                         loss.tally.numbers, list(lost)));
    if (loss.uncounted > 0)
      report.line("lost by", fmt::format("{} alone: nobody knows how many, in {} records",
                                         shown(sink), loss.uncounted));
  }
  if (const Tally& others = stream.lost_by_other_sinks(); others.records > 0)
    report.line("lost by", fmt::format("yet more sinks: {} events", others.numbers));
}

std::string loss_of(const StreamSummary& stream) {
  if (!stream.any_lost())
    return "none";
  std::string text =
      fmt::format("{} events, {} records", stream.lost().numbers, stream.lost().records);
  if (!stream.coverage().complete() || stream.unheard_from())
    text += ", and time that is not filled in";
  if (stream.lost_uncounted() > 0)
    text += fmt::format(", and {} times an unknown number", stream.lost_uncounted());
  return text;
}

std::string share(std::chrono::microseconds part, std::chrono::microseconds whole) {
  constexpr double kLeast = 0.01;
  const double percent = whole.count() == 0 ? 0
                                            : 100.0 * static_cast<double>(part.count()) /
                                                  static_cast<double>(whole.count());
  return part.count() > 0 && percent < kLeast ? "<0.01 %" : fmt::format("{:.2f} %", percent);
}

std::string words_of(const DayCoverage& day) {
  const auto whole = day.live + day.backfilled + day.missing;
  return fmt::format(
      "{} live {}, backfilled {}, missing {}",
      format_time(WallTime(day.day)).substr(0, std::string_view("2026-11-25").size()),
      share(day.live, whole), share(day.backfilled, whole), share(day.missing, whole));
}

/// When a stream of channels was heard, day by day.
void add_coverage(Report& report, const StreamSummary& stream, const AuditSummary& summary) {
  const auto first = parse_time(summary.first_ts());
  const auto last = parse_time(summary.last_ts());
  const bool told = stream.has_channels() || stream.coverage().any() || stream.unheard_from();
  if (!told || !first || !last)
    return;
  const WallTime from = std::max(*first, stream.heard_from().value_or(*first));
  for (const DayCoverage& day : stream.coverage_up_to(*last).days({from, *last}))
    report.line("coverage", words_of(day));
  if (const auto since = stream.unheard_from())
    report.line("coverage", "nothing was heard since " + format_time(*since));
  if (!stream.coverage().exact())
    report.line("coverage", "more gaps than anyone counts: more is missing than is shown");
  if (stream.windows_lost() > 0)
    report.line("coverage", fmt::format("{} gaps could not be filled in", stream.windows_lost()));
}

void add_stream(Report& report, const StreamSummary& stream, bool named) {
  if (named)
    report.line("stream", shown(stream.stream()));
  report.line("events",
              fmt::format("{} with a number, {} without", stream.events(), stream.unnumbered()));
  const auto epochs = stream.epochs();
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    if (epochs.size() > 1)
      report.line("epoch", fmt::format("{}", i + 1));
    add_epoch(report, epochs[i]);
  }
  if (stream.epochs_left_out() > 0)
    report.line("epoch", fmt::format("and {} more before the last", stream.epochs_left_out()));
  report.line("gaps",
              fmt::format("{} detected ({} numbers), {} filled ({} numbers)", stream.gaps().records,
                          stream.gaps().numbers, stream.filled().records, stream.filled().numbers));
  report.line("losses", loss_of(stream));
  add_sinks(report, stream);
  report.line("duplicates", fmt::format("{} suppressed in {} runs", stream.duplicates().numbers,
                                        stream.duplicates().records));
  report.line("resets",
              fmt::format("{}, and {} moves of the position", stream.resets(), stream.moves()));
}

void add_summary(Report& report, const AuditSummary& summary) {
  if (summary.records() > 0)
    report.line("time",
                fmt::format("{} to {}", shown(summary.first_ts()), shown(summary.last_ts())));
  for (const StreamSummary& stream : summary.streams()) {
    add_stream(report, stream, summary.streams().size() > 1);
    add_coverage(report, stream, summary);
  }
  if (summary.records_left_out() > 0)
    report.line("stream", fmt::format("yet more names: {} records are not summed up",
                                      summary.records_left_out()));
}

void add_seals(Report& report, const ChainCheck& check, bool signatures_checked) {
  const ChainCheck::Seals& seals = check.seals();
  if (seals.count == 0)
    return report.line("seals", "none");
  report.line("seals", fmt::format("{} to {}, key {}, signatures {}", seals.first, seals.last,
                                   shown(seals.key_id),
                                   signatures_checked ? "good" : "not checked: give --public-key"));
  report.line("sealed",
              fmt::format("up to record {} at {}; {} records after it are not", seals.last_record,
                          shown(seals.last_ts), check.head().n - seals.last_record));
}

void add_chain(Report& report, const LogVerifier::Chain& chain, bool signatures_checked) {
  const ChainCheck& check = chain.check;
  const auto& streams = chain.summary.streams();
  report.plain(
      fmt::format("stream {}", streams.empty() ? "unknown" : shown(streams.front().stream())));
  report.line("files", files_of(chain.files));
  if (!check.begun())
    return;
  report.line("records", fmt::format("{} to {}", check.first(), check.head().n));
  if (check.first() > 1)
    report.line("begins", fmt::format("after record 1: records 1 to {} are not in these files{}",
                                      check.first() - 1,
                                      check.first_is_proven()
                                          ? ""
                                          : ", and without the one before it, the first one's own "
                                            "hash cannot be checked"));
  report.line("head", fmt::format("{} {}", check.head().n, check.head().hash));
  add_seals(report, check, signatures_checked);
  add_summary(report, chain.summary);
}

void add_unchained(Report& report, const LogVerifier::Unchained& log) {
  report.plain(fmt::format("stream {}", shown(log.stream)));
  report.line("files", files_of(log.files));
  report.line("records",
              fmt::format("{}, unchained: only their JSON was checked", log.summary.records()));
  add_summary(report, log.summary);
}

std::string verdict(const LogVerifier& verifier) {
  if (const auto& broken = verifier.broken())
    return fmt::format("broken: {}:{}: {}", shown(broken->path), broken->line, shown(broken->what));
  return verifier.any_lost() ? "whole, with recorded losses" : "whole";
}

}  // namespace

std::string verify_report(const LogVerifier& verifier, bool signatures_checked) {
  Report report;
  for (const auto& chain : verifier.chains())
    add_chain(report, chain, signatures_checked);
  for (const auto& log : verifier.unchained())
    add_unchained(report, log);
  for (const LogPlace& place : verifier.unfinished())
    report.plain(fmt::format("{}:{}: an unfinished line, as a running daemon leaves it",
                             shown(place.path), place.line));
  if (verifier.broken())
    report.plain("The above is what was read before the fault.");
  report.plain(verdict(verifier));
  return report.take();
}

}  // namespace gcstreamd
