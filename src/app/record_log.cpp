#include "record_log.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace gcstreamd {
namespace {

constexpr auto kErrors = std::to_array<std::string_view>({
    "config_rejected",
    "events_lost",
    "max_reconnect_attempts_reached",
    "sink_failed",
});

constexpr auto kWarnings = std::to_array<std::string_view>({
    "connection_error",
    "frame_deserialization_error",
    "heartbeat_missed",
    "invalid_event",
    "json_parse_error",
    "oauth_error",
    "position_moved",
    "position_not_saved",
    "scheduling_reconnect",
    "sequence_gap_detected",
    "sequence_reset",
    "subscription_refused",
    "torn_tail_repaired",
});

template <class Types>
bool among(const Types& types, std::string_view type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

}  // namespace

spdlog::level::level_enum log_level(const AuditRecord& record) {
  if (among(kErrors, record.type()))
    return spdlog::level::err;
  return among(kWarnings, record.type()) ? spdlog::level::warn : spdlog::level::info;
}

std::string log_line(const AuditRecord& record) {
  std::string line = record.type();
  std::string object = "{" + record.fields() + "}";
  if (!record.fields().empty())
    object.erase(1, 1);  // the first field's comma
  const auto fields = nlohmann::ordered_json::parse(object, nullptr, false);
  for (const auto& [key, value] : fields.items())
    line += ' ' + key + '=' + value.dump();
  return line;
}

}  // namespace gcstreamd
