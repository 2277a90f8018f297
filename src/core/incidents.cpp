#include "gcstreamd/core/incidents.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

struct Type {
  std::string_view name;
  Severity severity;
  std::string_view next_step;
};

constexpr auto kTypes = std::to_array<Type>({
    {"backfill_failed", Severity::warning,
     "nothing, where coverage_gap_filled follows; else see its error: permissions for conversation "
     "details, or the request budget"},
    {"config_rejected", Severity::error,
     "mend what it names (gcstreamd check shows the same), then reload; the old configuration "
     "stays "
     "in use"},
    {"connection_error", Severity::warning,
     "nothing, where it goes away by itself: the stream connects again; else see docs/faults.md"},
    {"coverage_gap", Severity::warning,
     "nothing, where coverage_gap_filled follows: what happened meanwhile is asked for"},
    {"events_lost", Severity::error,
     "the numbers named here are in no sink: take note of the range, and fetch it from Genesys' "
     "own "
     "API where it matters"},
    {"frame_deserialization_error", Severity::warning,
     "nothing: the message is counted and left out; tell Genesys when it goes on"},
    {"heartbeat_missed", Severity::warning,
     "look for idle timeouts on the way (proxy, firewall) that are shorter than "
     "liveness.idle_timeout_s"},
    {"invalid_event", Severity::warning,
     "nothing: the message is counted and left out; tell Genesys when it goes on"},
    {"json_parse_error", Severity::warning,
     "nothing: the message is counted and left out; tell Genesys when it goes on"},
    {"max_reconnect_attempts_reached", Severity::error,
     "mend what the error before names, then reload: that starts the stream again; "
     "reconnect.max_attempts 0 never gives up"},
    {"oauth_error", Severity::warning,
     "check client id, secret, scopes and region of the OAuth client; a reload reads a new secret"},
    {"position_moved", Severity::warning, "nothing, where it was moved on purpose"},
    {"position_not_saved", Severity::warning, "free space, or mend the path of state_dir"},
    {"records_dropped", Severity::warning,
     "the disk of the audit log is too slow for what it is told: see iostat and df"},
    {"rotation_failed", Severity::warning, "free space, or mend the path: the file only grows"},
    {"scheduling_reconnect", Severity::warning, ""},
    {"sequence_gap_detected", Severity::warning,
     "nothing, where sequence_gap_filled follows; else raise buffer_size"},
    {"sequence_reset", Severity::warning, "nothing: the numbers began anew and are followed"},
    {"sink_failed", Severity::error,
     "free space or mend the path: the sink is opened again by itself"},
    {"subscription_refused", Severity::warning,
     "check event_types and the permissions of the OAuth client's role"},
    {"topic_rejected", Severity::warning,
     "give the OAuth client's role the permissions that it names; the other topics are heard"},
    {"torn_tail_repaired", Severity::warning,
     "nothing: an unfinished line was moved away, and its event comes again"},
});

constexpr auto kTimeline = std::to_array<std::string_view>({
    "coverage_gap",
    "coverage_gap_filled",
    "duplicate_suppressed",
    "events_lost",
    "sequence_gap_detected",
    "sequence_gap_filled",
    "sequence_reset",
});

/// What people need; everything else (previews of messages above all) stays in the audit log.
constexpr auto kShown = std::to_array<std::string_view>({
    "attempts", "bytes",    "cause",    "code",   "count",    "error",
    "errors",   "expected", "from",     "hint",   "missing",  "missingPermissions",
    "path",     "position", "previous", "reason", "received", "recovered",
    "sink",     "silentS",  "stage",    "status", "to",       "topic",
});

const Type* find(std::string_view name) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [&](const Type& type) { return type.name == name; });
  return found == kTypes.end() ? nullptr : &*found;
}

std::string shown_fields(const AuditRecord& record) {
  const auto all = fields_for_people(record);
  auto shown = nlohmann::ordered_json::object();
  for (const auto& [key, value] : all.items())
    if (std::find(kShown.begin(), kShown.end(), key) != kShown.end())
      shown[key] = value;
  std::string text = shown.dump();
  return text.size() <= Incidents::kLongest ? text : R"({"error":"too long to be shown here"})";
}

}  // namespace

Severity severity(std::string_view record_type) {
  const Type* type = find(record_type);
  return type ? type->severity : Severity::info;
}

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "";
}

std::string_view next_step(std::string_view record_type) {
  const Type* type = find(record_type);
  return type ? type->next_step : std::string_view();
}

nlohmann::ordered_json fields_for_people(const AuditRecord& record) {
  std::string object = "{" + record.fields() + "}";
  if (!record.fields().empty())
    object.erase(1, 1);  // the first field's comma
  auto fields = nlohmann::ordered_json::parse(object, nullptr, false);
  if (const auto next = next_step(record.type()); !next.empty() && !fields.contains("hint"))
    fields["hint"] = next;
  return fields;
}

void Incidents::on(const AuditRecord& record, WallTime now) {
  const bool of_sequence =
      std::find(kTimeline.begin(), kTimeline.end(), record.type()) != kTimeline.end();
  const bool fault =
      severity(record.type()) != Severity::info && record.type() != "scheduling_reconnect";
  if (!of_sequence && !fault)
    return;
  Incident incident{now, now, 1, record.type(), shown_fields(record)};
  if (of_sequence)
    add(timeline_, incident);
  if (fault)
    add(faults_, std::move(incident));
}

void Incidents::add(std::deque<Incident>& list, Incident incident) {
  constexpr std::size_t kNear = 4;  // faults come in twos and threes: of the token, of the link
  const auto from = list.size() > kNear ? list.size() - kNear : 0;
  const auto same = std::find_if(
      list.begin() + static_cast<std::ptrdiff_t>(from), list.end(), [&](const Incident& other) {
        return other.type == incident.type && other.fields == incident.fields;
      });
  if (same != list.end()) {
    incident.count = same->count + 1;
    incident.first = same->first;
    list.erase(same);
  }
  list.push_back(std::move(incident));
  if (list.size() > kMost)
    list.pop_front();
}

}  // namespace gcstreamd
