#include <fmt/format.h>

#include <utility>

#include "gcstreamd/app/notifications_stream.hpp"
#include "gcstreamd/app/stream_status.hpp"
#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

/// Between two of them nothing is confirmed: a bound on memory, at the price of precision.
constexpr std::size_t kMostArrivals = 4096;

StreamState state_of(ChannelState state) {
  switch (state) {
    case ChannelState::idle:
      return StreamState::idle;
    case ChannelState::held:
      return StreamState::held;
    case ChannelState::waiting:
      return StreamState::waiting;
    case ChannelState::authorizing:
      return StreamState::authorizing;
    case ChannelState::creating:
    case ChannelState::subscribing:
    case ChannelState::connecting:
      return StreamState::dialing;
    case ChannelState::live:
    case ChannelState::draining:
      return StreamState::streaming;
    case ChannelState::stopping:
      return StreamState::stopping;
    case ChannelState::ended:
      return StreamState::ended;
  }
  return StreamState::idle;
}

}  // namespace

/// Of a line that a file holds, when it is read back.
std::optional<SequenceNumber> NotificationsStream::number_of(std::string_view line) {
  const auto identity = protocol_.identify(line);
  if (!identity)
    return std::nullopt;
  const EventMemory& memory = identity->recovered ? numbers_.recovered() : numbers_.memory();
  return memory.find(identity->hash).value_or(kNoNumber);
}

Heard NotificationsStream::hear(std::string_view message, const Now& arrived) {
  Heard heard;
  metrics_.frame(arrived.wall);
  const auto next = intake_->on_message(message, arrived);
  heard.progressed = intake_->take_progress();
  heard.notice = protocol_.take_notice();
  if (next == Intake::Next::refused) {
    const Refusal& refusal = intake_->refusal();
    heard.refused = Fault(Stage::stream, FaultKind::http_status, refusal.status,
                          fmt::format("the service answered with {} in place of events: {}",
                                      refusal.status, refusal.words));
  }
  if (heard.progressed)
    remember_arrival(arrived);
  flush_if_full(message.size());
  regulate();
  return heard;
}

void NotificationsStream::remember_arrival(const Now& arrived) {
  const Arrival arrival{numbers_.last(), arrived.wall};
  if (arrivals_.size() == kMostArrivals)
    arrivals_.back() = arrival;
  else
    arrivals_.push_back(arrival);
}

void NotificationsStream::flush_if_full(std::size_t more) {
  unflushed_ += more;
  if (unflushed_ >= LogFile::kBatchBytes)
    flush();
}

/// A crash opens a gap where this was last said: never while nothing is heard, nor before coverage
/// knows what the last run left.
void NotificationsStream::confirm() {
  const auto place = store_.delivery().position();
  if (down_ || !place || !planned_ || expects_listing_ || !heard())
    return;
  std::optional<WallTime> durable;
  for (; !arrivals_.empty() && arrivals_.front().number <= place->number; arrivals_.pop_front())
    durable = arrivals_.front().at;
  if (arrivals_.empty() && place->number >= numbers_.last())
    durable = now().wall;
  if (durable)
    keeper_.confirm(std::min(*durable, heard_up_to()));
}

/// A link that fell silent may be dead since its last frame.
WallTime NotificationsStream::heard_up_to() const {
  WallTime least = WallTime::max();
  for (const auto& [index, shell] : shells_)
    if (const auto last = shell->last_frame())
      least = std::min(least, *last);
  return least;
}

bool NotificationsStream::is_durable(SequenceNumber number) const {
  const auto place = store_.delivery().position();
  return !down_ && (number == kNoNumber || (place && place->number >= number));
}

std::optional<SequenceNumber> NotificationsStream::deliver_recovered(
    const RecoveredRecord& record) {
  const auto numbered = numbers_.number_recovered(record.hash);
  if (numbered.duplicate)
    return std::nullopt;
  Event event;
  event.line = record.line;
  event.type = "recovered";
  event.number = numbered.number;
  const Now delivered = now();
  intake_->take(event, delivered);
  remember_arrival(delivered);
  flush_if_full(record.line.size());
  return numbered.number;
}

void NotificationsStream::regulate() {
  const bool ready = store_.ready();
  if (ready == std::exchange(reading_, ready))
    return;
  for (auto& [index, shell] : shells_)
    shell->regulate();
}

void NotificationsStream::on_store_moved() {
  regulate();
  confirm();
  if (!stopping_)
    backfiller_.go_on();
}

/// What was heard and is not durable cannot be delivered by everybody: the time of it is recovered.
void NotificationsStream::on_store_down() {
  if (std::exchange(down_, true))
    return;
  keeper_.coverage().unconfirmed_is_lost("sink");
  feed_all(input::SinkDown{});
  keeper_.changed();
}

void NotificationsStream::on_store_up() {
  if (!std::exchange(down_, false))
    return;
  feed_all(input::SinkUp{});
}

void NotificationsStream::on_live(std::size_t group, ChannelNumber channel) {
  if (!heard())
    metrics_.connected(std::chrono::steady_clock::now());
  live_[group].insert(channel);
  note_state();
  auto records = keeper_.coverage().live(group, channel, now().wall);
  confirm();
  keeper_.changed(std::move(records));
  if (const auto shell = shells_.find(group);
      shell != shells_.end() && shell->second->asked() == groups_.group(group))
    end_await(group);
}

void NotificationsStream::on_lost(std::size_t group, ChannelNumber channel,
                                  const std::string& cause, WallTime last_frame) {
  live_[group].erase(channel);
  if (!heard())
    metrics_.disconnected();
  note_state();
  keeper_.changed(keeper_.coverage().lost(group, channel, cause, last_frame));
}

/// Of the group that is furthest from being heard.
StreamState NotificationsStream::state() const {
  if (ended())
    return StreamState::ended;
  if (stopping_)
    return StreamState::stopping;
  if (!planned_)
    return watch_.attempts() > 0 ? StreamState::waiting : StreamState::authorizing;
  auto state = shells_.empty() ? StreamState::waiting : StreamState::streaming;
  for (const auto& [index, shell] : shells_)
    if (!shell->serves() && !(shell->muted() && heard()))
      state = state_of(shell->state());
  return state;
}

unsigned NotificationsStream::attempts() const {
  unsigned most = planned_ ? 0 : watch_.attempts();
  for (const auto& [index, shell] : shells_)
    if (!shell->serves() && !shell->muted())
      most = std::max(most, shell->attempts());
  return most;
}

std::optional<SteadyTime> NotificationsStream::next_attempt() const {
  std::optional<SteadyTime> next = planned_ ? std::nullopt : watch_.next();
  for (const auto& [index, shell] : shells_)
    if (const auto one = shell->retry_at(); one && (!next || *one < *next))
      next = one;
  return next;
}

/// Why nothing is heard where every call goes well.
std::string NotificationsStream::trouble() const {
  if (!planned_ || stopping_ || heard())
    return "";
  if (groups_.channels() == 0)
    return "the rules fit no queue and no user of the org: check queues and users";
  const bool muted = std::all_of(shells_.begin(), shells_.end(),
                                 [](const auto& entry) { return entry.second->muted(); });
  return muted ? "every topic is rejected: topic_rejected names what is missing" : "";
}

void NotificationsStream::note_state() {
  const StreamState now_shown = state();
  if (std::exchange(shown_, now_shown) != now_shown || shown_since_ == WallTime{})
    shown_since_ = now().wall;
}

StreamGlance NotificationsStream::glance() const {
  StreamGlance glance;
  glance.name = config_.name;
  glance.state = state();
  glance.delivered = metrics_.messages();
  glance.last = numbers_.last();
  glance.lost = metrics_.events_lost();
  glance.detail = fmt::format("{} of {} channels", channels_live(), groups_.channels());
  if (!rejected_.all().empty())
    glance.detail += fmt::format(", {} topics rejected", rejected_.all().size());
  if (const auto waiting = keeper_.coverage().gaps().size(); waiting > 0)
    glance.detail += fmt::format(", {} gaps to fill", waiting);
  return glance;
}

std::size_t NotificationsStream::channels_live() const {
  return static_cast<std::size_t>(std::count_if(
      live_.begin(), live_.end(), [](const auto& entry) { return !entry.second.empty(); }));
}

NotificationsStatus NotificationsStream::notifications(const Now& now) const {
  NotificationsStatus status;
  status.local = numbers_.last();
  status.channels = groups_.channels();
  status.channels_live = channels_live();
  for (std::size_t group = 0; group < groups_.size(); ++group)
    status.topics += groups_.group(group).size();
  status.rejected = rejected_.all();
  status.gaps_waiting = keeper_.coverage().gaps().size();
  status.unheard_from = keeper_.coverage().open_from();
  status.requests_used = tools_.budget.used(now.steady);
  return status;
}

StreamStatus NotificationsStream::status(const Now& now) const {
  StreamStatus status = begin_status(config_, store_, space_);
  status.state = state();
  status.since = status.state == shown_ ? shown_since_ : now.wall;
  status.attempts = attempts();
  if (status.state == StreamState::waiting)
    status.next_attempt = wall_of(next_attempt(), now);
  status.trouble = trouble();
  status.connected_since = wall_of(metrics_.connected_at(), now);
  status.last = numbers_.last();
  if (!ended())
    status.token_expires = wall_of(desk_.source().expires_at(), now);
  status.metrics = metrics_;
  status.trend = trend_;
  status.incidents = incidents_;
  status.notifications = notifications(now);
  return status;
}

}  // namespace gcstreamd
