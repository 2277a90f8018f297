// POST /api/v2/analytics/conversations/details/query: what a query asks for, and the answer.
//
// Found is what began on a UTC day that the interval touches and was under way within the interval,
// as far as it is known by then: what happens is known late. Pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "simulator/notifications/conversation_log.hpp"
#include "simulator/notifications/options.hpp"

namespace gcstream_sim {

struct DetailsQuery {
  EventTime from;
  EventTime to;
  std::size_t page_size = 25;
  std::size_t page = 1;
  bool descending = false;
};

// Or what is wrong with it.
std::variant<DetailsQuery, std::string> read_details_query(std::string_view body);

// When a query can know of the incident.
EventTime known_from(const ConversationRecord& record, const Incident& incident,
                     const NotificationOptions& options);

nlohmann::ordered_json answer_details_query(const DetailsQuery& query, const ConversationLog& log,
                                            const NotificationOptions& options, EventTime now);

// RFC 3339 with Z, as such intervals have it; nothing: it is none.
std::optional<EventTime> read_time(std::string_view text);

}  // namespace gcstream_sim
