#include "gcstreamd/core/coverage.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "gcstreamd/core/time_format.hpp"

namespace gcstreamd {
namespace {

using nlohmann::json;
using Records = Coverage::Records;

constexpr std::chrono::hours kUnknown{1};

bool sooner(const CoverageGap& a, const CoverageGap& b) {
  return a.ask_at < b.ask_at;
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  const bool text = object.is_object() && found != object.end() && found->is_string();
  return text ? found->get<std::string>() : std::string();
}

std::uint64_t number_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

json to_json(const CoverageGap& gap) {
  return {{"from", format_time(gap.window.from)},
          {"to", format_time(gap.window.to)},
          {"cause", gap.cause},
          {"asked", gap.asked},
          {"recovered", gap.recovered},
          {"untold", gap.untold},
          {"askAt", format_time(gap.ask_at)}};
}

std::optional<CoverageGap> gap_of(const json& object) {
  const auto from = parse_time(text_of(object, "from"));
  const auto to = parse_time(text_of(object, "to"));
  const auto ask_at = parse_time(text_of(object, "askAt"));
  if (!from || !to || !ask_at || *to < *from)
    return std::nullopt;
  return CoverageGap{{*from, *to},
                     text_of(object, "cause"),
                     static_cast<unsigned>(number_of(object, "asked")),
                     number_of(object, "recovered"),
                     number_of(object, "untold"),
                     *ask_at};
}

AuditRecord lost_record(const TimeWindow& window, std::string_view cause) {
  return AuditRecord("events_lost")
      .text("from", format_time(window.from))
      .text("to", format_time(window.to))
      .null("count")
      .text("cause", cause);
}

}  // namespace

AuditRecord window_record(std::string_view type, const TimeWindow& window, std::string_view cause) {
  AuditRecord record(type);
  record.text("from", format_time(window.from)).text("to", format_time(window.to));
  record.text("cause", cause);
  return record;
}

void Coverage::start(std::size_t groups, std::string_view cause, WallTime now) {
  groups_.clear();
  for (std::size_t i = 0; i < groups; ++i)
    groups_[i].counts = true;
  if (confirmed_)
    open(*confirmed_ <= now ? *confirmed_ : now - kUnknown, cause);
}

void Coverage::delivered(const TimeWindow& window, std::uint64_t records) {
  for (CoverageGap& gap : gaps_)
    if (gap.window == window) {
      gap.recovered += records;
      gap.untold += records;
    }
}

Records Coverage::live(std::size_t group, ChannelNumber channel, WallTime now) {
  groups_[group].live.emplace(channel, now);
  groups_[group].counts = true;
  if (!open_ && !all_heard())
    open(now, "start");  // others are still to come
  if (!open_ && !confirmed_)
    confirmed_ = now;
  return close_if_heard(now);
}

Records Coverage::lost(std::size_t group, ChannelNumber channel, std::string_view cause,
                       WallTime last_frame) {
  const auto found = groups_.find(group);
  if (found == groups_.end() || found->second.live.erase(channel) == 0)
    return {};
  if (found->second.live.empty()) {
    open(last_frame, cause);
    return {};
  }
  WallTime since = WallTime::max();
  for (const auto& [other, live_since] : found->second.live)
    since = std::min(since, live_since);
  return last_frame < since ? close({last_frame, since}, "silent") : Records{};
}

Records Coverage::drop(std::size_t group, WallTime now) {
  groups_.erase(group);
  return close_if_heard(now);
}

void Coverage::confirm(WallTime time) {
  if (open_)
    return;
  confirmed_ = time;
}

void Coverage::forget_kept(std::size_t count) {
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(count));
}

void Coverage::unconfirmed_is_lost(std::string_view cause) {
  if (confirmed_)
    open(*confirmed_, cause);
}

void Coverage::open(WallTime from, std::string_view cause) {
  if (open_)
    open_->from = std::min(open_->from, from);
  else
    open_ = Open{from, std::string(cause)};
}

bool Coverage::all_heard() const {
  return !groups_.empty() && std::all_of(groups_.begin(), groups_.end(), [](const auto& entry) {
    return !entry.second.counts || !entry.second.live.empty();
  });
}

Records Coverage::close_if_heard(WallTime now) {
  if (!open_ || !all_heard())
    return {};
  const TimeWindow window{open_->from, std::max(now, open_->from)};
  const std::string cause = std::move(open_->cause);
  open_.reset();
  confirmed_ = confirmed_ ? std::max(*confirmed_, window.to) : window.to;
  return close(window, cause);
}

Records Coverage::close(const TimeWindow& window, const std::string& cause) {
  if (window.from == window.to)
    return {};
  const auto first = options_.asks.empty() ? std::chrono::seconds{0} : options_.asks.front();
  add({window, cause, 0, 0, 0, window.to + first});
  return {window_record("coverage_gap", window, cause)};
}

void Coverage::add(CoverageGap gap) {
  gaps_.insert(std::upper_bound(gaps_.begin(), gaps_.end(), gap, sooner), std::move(gap));
  if (gaps_.size() > kMostGaps)
    join_nearest();
}

/// More is asked for then than was missed, and nothing less.
void Coverage::join_nearest() {
  std::sort(gaps_.begin(), gaps_.end(), [](const CoverageGap& a, const CoverageGap& b) {
    return a.window.from < b.window.from;
  });
  auto nearest = gaps_.begin();
  for (auto gap = gaps_.begin(); gap + 1 != gaps_.end(); ++gap)
    if ((gap + 1)->window.from - gap->window.to < (nearest + 1)->window.from - nearest->window.to)
      nearest = gap;
  const auto second = nearest + 1;
  nearest->window.to = std::max(nearest->window.to, second->window.to);
  nearest->asked = std::min(nearest->asked, second->asked);
  nearest->recovered += second->recovered;
  nearest->untold += second->untold;
  nearest->ask_at = std::max(nearest->ask_at, second->ask_at);
  gaps_.erase(second);
  std::stable_sort(gaps_.begin(), gaps_.end(), sooner);
}

const CoverageGap* Coverage::due(WallTime now) const {
  return gaps_.empty() || gaps_.front().ask_at > now ? nullptr : &gaps_.front();
}

std::optional<WallTime> Coverage::next_due() const {
  return gaps_.empty() ? std::nullopt : std::optional(gaps_.front().ask_at);
}

Records Coverage::filled(std::uint64_t recovered, WallTime now) {
  if (gaps_.empty())
    return {};
  CoverageGap gap = std::move(gaps_.front());
  gaps_.erase(gaps_.begin());
  gap.recovered += recovered;
  gap.untold += recovered;
  Records records;
  if (gap.asked == 0 || gap.untold > 0)
    records.push_back(window_record("coverage_gap_filled", gap.window, gap.cause)
                          .number("recovered", std::exchange(gap.untold, 0)));
  ++gap.asked;
  if (gap.asked < options_.asks.size() && gap.recovered <= options_.most_asked_again) {
    gap.ask_at = std::max(now, gap.window.to + options_.asks[gap.asked]);
    add(std::move(gap));
  }
  return records;
}

Records Coverage::failed(const Failure& failure, WallTime now) {
  if (gaps_.empty())
    return {};
  CoverageGap gap = std::move(gaps_.front());
  gaps_.erase(gaps_.begin());
  gap.recovered += failure.recovered;
  gap.untold += failure.recovered;
  const bool over = failure.for_good || now - gap.window.to >= options_.give_up_after;
  if (!over) {
    gap.ask_at = std::max(failure.ask_at, now);
    add(std::move(gap));
    return {};
  }
  if (gap.asked == 0)
    return {lost_record(gap.window, failure.cause)};
  if (gap.untold == 0)
    return {};  // only later changes of its rows are missing
  return {
      window_record("coverage_gap_filled", gap.window, gap.cause).number("recovered", gap.untold)};
}

Records Coverage::give_up(std::string_view cause, WallTime now) {
  Records records;
  for (const CoverageGap& gap : gaps_)
    if (gap.asked == 0)
      records.push_back(lost_record(gap.window, cause));
  const auto from = open_ ? std::optional(open_->from) : confirmed_;
  if (from && *from < now)
    records.push_back(lost_record({*from, now}, cause));
  gaps_.clear();
  open_.reset();
  confirmed_.reset();
  found_owner_.clear();
  return records;
}

std::string Coverage::serialize() const {
  json state = json::object();
  state["owner"] = owner_;
  if (confirmed_)
    state["confirmed"] = format_time(*confirmed_);
  if (open_)
    state["open"] = {{"from", format_time(open_->from)}, {"cause", open_->cause}};
  state["gaps"] = json::array();
  for (const CoverageGap& gap : gaps_)
    state["gaps"].push_back(to_json(gap));
  for (const AuditRecord& record : kept_)
    state["records"].push_back({{"type", record.type()}, {"fields", record.fields()}});
  return state.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool Coverage::restore(std::string_view text) {
  const json state = json::parse(text, nullptr, false);
  if (!state.is_object())
    return false;
  found_owner_ = text_of(state, "owner");
  confirmed_ = parse_time(text_of(state, "confirmed"));
  open_.reset();
  gaps_.clear();
  kept_.clear();
  if (const auto found = state.find("open"); found != state.end())
    if (const auto from = parse_time(text_of(*found, "from")))
      open_ = Open{*from, text_of(*found, "cause")};
  if (const auto records = state.find("records"); records != state.end() && records->is_array())
    for (const json& record : *records)
      if (const auto type = text_of(record, "type"); !type.empty())
        kept_.emplace_back(type, text_of(record, "fields"));
  const auto gaps = state.find("gaps");
  if (gaps == state.end() || !gaps->is_array())
    return true;
  for (const json& one : *gaps)
    if (auto gap = gap_of(one))
      add(*std::move(gap));
  return true;
}

}  // namespace gcstreamd
