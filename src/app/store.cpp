#include "gcstreamd/app/store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gcstreamd/core/errors.hpp"

namespace gcstreamd {
namespace {

using Loaded = PositionKeeper::Loaded;
using Wish = SavedPosition::Wish;

constexpr std::string_view kFilterChanged = "event_types_changed";
constexpr std::string_view kStateDir = "state_dir";

AuditRecord& number_or_null(AuditRecord& record, std::string_view key,
                            std::optional<SequenceNumber> number) {
  return number ? record.number(key, *number) : record.null(key);
}

/// What the event would be in a sink that is given it through the redactor.
SequenceVerifier::Shown shown_through(const std::shared_ptr<Redactor>& redactor) {
  return [redactor](std::string_view line) {
    const auto shown = redactor->redact(line);
    return shown ? std::optional(SequenceVerifier::content_of(*shown)) : std::nullopt;
  };
}

/// Without its time, what a sink holds does not tell an event from a later one under its number.
void remember(const Delivery::Held& held, SequenceVerifier& verifier) {
  const auto shown = held.redactor && !held.redactor->concerns("timestamp")
                         ? shown_through(held.redactor)
                         : SequenceVerifier::Shown();
  for (const HeldEvent& event : held.events) {
    if (held.redacted)
      verifier.remember_shown(event.number, event.content, shown);
    else
      verifier.remember(event.number, event.content);
  }
}

}  // namespace

Store::Store(const SinkContext& context, const std::filesystem::path& state_dir,
             const StreamConfig& config, StoreObserver& observer)
    : config_(config),
      observer_(observer),
      delivery_(context, config, *this),
      position_(context, state_dir / (config.name + ".position")) {}

std::string Store::open(LineNumbers number_of) {
  SavedPosition saved;
  const auto loaded = position_.load(config_.oauth.client_id, endpoint_of(config_), saved);
  if (loaded == Loaded::unreadable)
    return fmt::format("{}: it cannot be read", position_.file().string());
  start_ = starting_point(loaded, saved, config_);
  saved_number_ = saved.place.number;
  saved_once_ = loaded == Loaded::found && saved.place.epoch == start_.place.epoch;
  filter_ = start_.other_filter ? saved.filter : filter_of(config_);
  std::string fault = delivery_.open({start_.place, saved.sinks, start_.resume_after.has_value(),
                                      start_.trust_tails, std::move(number_of)});
  if (!fault.empty())
    return fault;
  if (recover(loaded))
    tell_of_recovery(loaded);
  else
    tell_of_move();
  place_ = start_.place;
  to_tip_ = saved.wish == Wish::tip && !start_.resume_after;
  return {};
}

/// What the sinks' files hold beyond the saved position need not come again. Whether the position
/// is another one than was saved last.
bool Store::recover(Loaded loaded) {
  const Place reached = replayed() ? delivery_.reached() : delivery_.delivered();
  const bool by_tails = reached.epoch == start_.place.epoch && reached > start_.place;
  if (by_tails) {
    start_.place = reached;
    start_.resume_after = reached.number;
    start_.timestamp = std::max(start_.timestamp, delivery_.found_timestamp());
    presumes_ = !start_.trust_tails && !delivery_.found_timestamp();
  }
  return by_tails || loaded == Loaded::previous;
}

void Store::tell_of_recovery(Loaded loaded) {
  AuditRecord recovered("position_recovered");
  number_or_null(recovered, "sequenceNumber", start_.resume_after);
  number_or_null(recovered, "from",
                 start_.trust_tails ? std::nullopt : std::optional(saved_number_));
  record(recovered.text("cause", loaded == Loaded::previous ? "previous_position"
                                 : start_.trust_tails       ? "saved_position_damaged"
                                                            : "sinks_hold_more"));
}

void Store::tell_of_move() {
  if (start_.moved_cause.empty())
    return;
  AuditRecord moved("position_moved");
  number_or_null(moved, "sequenceNumber", start_.resume_after);
  record(moved.number("from", saved_number_).text("cause", start_.moved_cause));
  if (start_.trust_tails && !start_.resume_after)  // nobody knows what came meanwhile
    record(AuditRecord("events_lost")
               .null("from")
               .null("to")
               .null("count")
               .text("cause", start_.moved_cause));
}

SequenceVerifier Store::verifier() {
  SequenceVerifier verifier(start_.resume_after, start_.timestamp);
  for (const Delivery::Held& held : delivery_.take_held())
    remember(held, verifier);
  if (presumes_)
    verifier.presume(saved_number_ + 1);
  return verifier;
}

void Store::begin(Intake& intake) {
  intake_ = &intake;
  if (start_.other_filter)
    intake_->expect_reset(kFilterChanged);
  const auto ticket = save();
  if (wanted_)
    wanted_ = ticket;
  answer_save(true);
}

bool Store::ready() const {
  return saved_once_ && !intake_->holding() && !delivery_.behind();
}

void Store::tick() {
  delivery_.on_tick();
  save();
}

void Store::reconfigure(bool sinks, bool filter) {
  if (sinks) {
    delivery_.reconfigure(config_);
    save();
  }
  if (filter)
    intake_->expect_reset(kFilterChanged);
}

std::uint64_t Store::save() {
  if (const auto durable = delivery_.position())
    place_ = *durable;
  if (!intake_->expects_reset())
    filter_ = filter_of(config_);
  SavedPosition position;
  position.org = config_.oauth.client_id;
  position.endpoint = endpoint_of(config_);
  position.place = place_;
  position.timestamp = intake_->last_timestamp();
  position.filter = filter_;
  if (place_.number == kNoNumber && intake_->position())
    position.wish = Wish::number;
  else if (place_.number == kNoNumber && to_tip_)
    position.wish = Wish::tip;
  position.sinks = delivery_.saved_sinks();
  return position_.save(position, [this](boost::system::error_code error) { on_saved(error); });
}

void Store::on_saved(boost::system::error_code error) {
  report_save(error);
  answer_save(!error);
  if (!closing_) {
    tell_down_or_up();
    go_on_with_epoch();
    observer_.on_store_moved();
    return;
  }
  if (!error)
    wind_down();
  else if (delivery_.settled())  // else it is tried once more when the sinks are
    observer_.on_store_closed();
}

void Store::report_save(boost::system::error_code error) {
  saved_once_ = saved_once_ || !error;
  if (error.failed() == std::exchange(save_failed_, error.failed()))
    return;
  save_failures_ += error ? 1U : 0U;
  if (error)
    record(AuditRecord("sink_failed")
               .text("sink", kStateDir)
               .text("error", position_.file().string() + ": " + describe_errno(error.value()))
               .number("position", place_.number)
               .text("hint",
                     "the position cannot be saved: free space or mend the path of state_dir; it "
                     "is tried again every second"));
  else
    record(AuditRecord("sink_recovered").text("sink", kStateDir).number("position", place_.number));
}

void Store::on_sinks_down() {
  sinks_down_ = true;
  tell_down_or_up();
}

/// A sink that could not keep all that it had taken gets it again.
void Store::on_sinks_up() {
  sinks_down_ = false;
  const Place reached = delivery_.reached();
  if (replayed() && intake_ && intake_->position() && reached.number < *intake_->position() &&
      reached.epoch == delivery_.delivered().epoch)
    intake_->go_back_to(reached.number);
  tell_down_or_up();
}

void Store::tell_down_or_up() {
  if (sinks_down_ || save_failed_)
    observer_.on_store_down();
  else
    observer_.on_store_up();
}

/// What files hold must be known before others are opened, and which ones before they are written.
void Store::on_save_wanted() {
  wanted_ = intake_ ? save() : 0;  // else `begin` saves
  if (intake_)
    answer_save(true);  // where nothing had to be saved
}

void Store::answer_save(bool saved) {
  if (!wanted_ || !position_.ended(*wanted_))
    return;
  wanted_.reset();
  delivery_.saved(saved);
}

void Store::secure_epoch() {
  delivery_.secure();
  go_on_with_epoch();
}

void Store::go_on_with_epoch() {
  if (!intake_->holding() || !delivery_.secured()) {
    epoch_save_.reset();
    return;
  }
  if (!epoch_save_)
    epoch_save_ = save();
  if (!position_.ended(*epoch_save_))
    return;
  epoch_save_.reset();
  if (!save_failed_)
    intake_->release(now());
}

/// The first place of an epoch is saved at once: until then a crash would start elsewhere.
void Store::on_settled() {
  if (!intake_)
    return;  // still being opened
  if (closing_) {
    wind_down();
    return;
  }
  const auto durable = delivery_.position();
  if (durable && (place_.number == kNoNumber || place_.epoch != durable->epoch))
    save();
  go_on_with_epoch();
  observer_.on_store_moved();
}

void Store::close() {
  closing_ = true;
  delivery_.close();
  wind_down();
}

/// Sinks first, then the position that they made true.
void Store::wind_down() {
  save();
  if (settled())
    observer_.on_store_closed();
}

}  // namespace gcstreamd
