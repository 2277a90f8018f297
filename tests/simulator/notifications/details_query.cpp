#include "simulator/notifications/details_query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "simulator/story.hpp"

namespace gcstream_sim {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::days;

constexpr std::chrono::days kLongest{31};
constexpr std::size_t kLargestPage = 100;

// `width` digits at the front of the text, which are taken from it.
std::optional<int> take_digits(std::string_view& text, std::size_t width) {
  int value = 0;
  if (text.size() < width || text.substr(0, width).find_first_not_of("0123456789") != text.npos) {
    return std::nullopt;
  }
  std::from_chars(text.data(), text.data() + width, value);
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

std::optional<EventTime> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  const bool first = take(text, '-');
  const auto month = take_digits(text, 2);
  const bool second = take(text, '-');
  const auto day = take_digits(text, 2);
  if (!year || !first || !month || !second || !day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  return date.ok() ? std::optional<EventTime>(std::chrono::sys_days(date)) : std::nullopt;
}

std::chrono::microseconds take_fraction(std::string_view& text) {
  std::chrono::microseconds fraction{0};
  if (!take(text, '.')) {
    return fraction;
  }
  for (int unit = 100'000; !text.empty() && text.front() >= '0' && text.front() <= '9';
       unit /= 10) {
    fraction += std::chrono::microseconds((text.front() - '0') * unit);
    text.remove_prefix(1);
  }
  return fraction;
}

std::optional<std::size_t> size_of(const Json& object, const char* key, std::size_t fallback,
                                   std::size_t most) {
  const auto found = object.find(key);
  if (found == object.end()) {
    return fallback;
  }
  if (!found->is_number_unsigned() || *found < 1U || *found > most) {
    return std::nullopt;
  }
  return found->get<std::size_t>();
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::string> read_interval(const std::string& text, DetailsQuery& query) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto from = read_time(std::string_view(text).substr(0, slash));
  const auto to = read_time(std::string_view(text).substr(std::min(slash + 1, text.size())));
  if (!from || !to || *from >= *to) {
    return "interval must be FROM/TO, two UTC times in RFC 3339";
  }
  if (*to - *from > kLongest) {
    return "interval must not be longer than 31 days";
  }
  query.from = *from;
  query.to = *to;
  return std::nullopt;
}

struct Row {
  const ConversationRecord* record;
  std::vector<const Incident*> known;
};

Row row_of(const ConversationRecord& record, const NotificationOptions& options, EventTime now) {
  Row row{&record, {}};
  for (const Incident& incident : record.incidents) {
    if (known_from(record, incident, options) <= now) {
      row.known.push_back(&incident);
    }
  }
  return row;
}

bool is_wanted(const Row& row, const DetailsQuery& query) {
  if (row.known.empty()) {
    return false;
  }
  const EventTime start = row.record->start();
  const bool ended = row.known.back()->last;
  return std::chrono::floor<days>(start) >= std::chrono::floor<days>(query.from) &&
         start < query.to && (!ended || row.known.back()->at >= query.from);
}

Json segment_json(const Incident& incident, const Incident* next) {
  Json segment{{"segmentType", incident.what}, {"segmentStart", format_time(incident.at)}};
  if (next != nullptr) {
    segment["segmentEnd"] = format_time(next->at);
  }
  segment["queueId"] = incident.queue;
  if (!incident.wrap_up.empty()) {
    segment["wrapUpCode"] = incident.wrap_up;
  }
  return segment;
}

Json participants_of(const Row& row) {
  std::map<std::string, std::size_t> place_of;
  Json participants = Json::array();
  for (std::size_t i = 0; i < row.known.size(); ++i) {
    const Incident& incident = *row.known[i];
    const auto [place, added] = place_of.emplace(incident.participant, participants.size());
    if (added) {
      Json session{{"sessionId", session_id(row.record->id, incident.participant)},
                   {"mediaType", row.record->media},
                   {"direction", row.record->direction},
                   {"segments", Json::array()}};
      Json participant{{"participantId", incident.participant}, {"purpose", incident.purpose}};
      if (!incident.user.empty()) {
        participant["userId"] = incident.user;
      }
      participant["sessions"] = Json::array({std::move(session)});
      participants.push_back(std::move(participant));
    }
    const Incident* next = i + 1 < row.known.size() ? row.known[i + 1] : nullptr;
    participants[place->second]["sessions"][0]["segments"].push_back(segment_json(incident, next));
  }
  return participants;
}

Json conversation_of(const Row& row) {
  Json conversation{{"conversationId", row.record->id},
                    {"conversationStart", format_time(row.record->start())}};
  if (row.known.back()->last) {
    conversation["conversationEnd"] = format_time(row.known.back()->at);
  }
  conversation["originatingDirection"] = row.record->direction;
  conversation["participants"] = participants_of(row);
  return conversation;
}

}  // namespace

std::optional<EventTime> read_time(std::string_view text) {
  auto time = take_date(text);
  const bool separated = take(text, 'T');
  const auto hour = take_digits(text, 2);
  const bool first = take(text, ':');
  const auto minute = take_digits(text, 2);
  if (!time || !separated || !hour || !first || !minute || *hour > 23 || *minute > 59) {
    return std::nullopt;
  }
  *time += std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  if (take(text, ':')) {
    const auto second = take_digits(text, 2);
    if (!second || *second > 60) {
      return std::nullopt;
    }
    *time += std::chrono::seconds(*second) + take_fraction(text);
  }
  return text == "Z" ? time : std::nullopt;
}

std::variant<DetailsQuery, std::string> read_details_query(std::string_view body) {
  const Json given = Json::parse(body, nullptr, false);
  if (!given.is_object()) {
    return "a JSON object is wanted";
  }
  DetailsQuery query;
  if (auto wrong = read_interval(text_of(given, "interval"), query)) {
    return *std::move(wrong);
  }
  const auto found = given.find("paging");
  const Json paging = found == given.end() ? Json::object() : *found;
  if (!paging.is_object()) {
    return "paging must be an object";
  }
  const auto size = size_of(paging, "pageSize", query.page_size, kLargestPage);
  const auto number = size_of(paging, "pageNumber", 1, 100'000);
  if (!size || !number) {
    return "paging.pageSize must be from 1 to 100, paging.pageNumber from 1";
  }
  query.page_size = *size;
  query.page = *number;
  query.descending = text_of(given, "order") == "desc";
  return query;
}

EventTime known_from(const ConversationRecord& record, const Incident& incident,
                     const NotificationOptions& options) {
  const bool late = options.late_every != 0 && record.number % options.late_every == 0 &&
                    (incident.last || !incident.wrap_up.empty());
  return incident.at + options.details_delay +
         (late ? options.late_by : std::chrono::milliseconds(0));
}

Json answer_details_query(const DetailsQuery& query, const ConversationLog& log,
                          const NotificationOptions& options, EventTime now) {
  std::vector<Row> rows;
  for (const ConversationRecord& record : log.records()) {
    Row row = row_of(record, options, now);
    if (is_wanted(row, query)) {
      rows.push_back(std::move(row));
    }
  }
  if (query.descending) {
    std::reverse(rows.begin(), rows.end());
  }
  const std::size_t from = std::min((query.page - 1) * query.page_size, rows.size());
  const std::size_t to = std::min(from + query.page_size, rows.size());
  Json answer = Json::object();
  if (from < to) {
    answer["conversations"] = Json::array();  // left out where there are none
  }
  for (std::size_t i = from; i < to; ++i) {
    answer["conversations"].push_back(conversation_of(rows[i]));
  }
  answer["totalHits"] = rows.size();
  return answer;
}

}  // namespace gcstream_sim
