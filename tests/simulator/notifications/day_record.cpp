#include "simulator/notifications/day_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>

#include "gcstreamd/core/time_format.hpp"

namespace gcstream_sim {
namespace {

using nlohmann::json;

constexpr std::string_view kFrame = R"(,"frame":)";

// What follows the first `mark`, up to `end`.
std::string_view part_of(std::string_view text, std::string_view mark, std::string_view end) {
  const std::size_t found = text.find(mark);
  if (found == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(found + mark.size());
  return text.substr(0, text.find_first_of(end));
}

std::string_view topic_of(std::string_view frame) {
  return part_of(frame, R"("topicName":")", "\"");
}

std::string_view conversation_of(std::string_view frame) {
  return part_of(frame, R"("eventBody":{"id":")", "\"");
}

std::string_view time_of(std::string_view frame) {
  return part_of(frame, R"("eventTime":)", ",}");
}

core::WallTime wall_of(const json& object, const char* key) {
  return core::parse_time(object.at(key).get<std::string>()).value();
}

bool is_lost(const DayRecord& record, core::WallTime at) {
  return std::any_of(record.lost.begin(), record.lost.end(), [at](const core::TimeWindow& window) {
    return window.from <= at && at < window.to;
  });
}

bool is_wanted(const DayRecord& record, const std::string& topic, core::WallTime at) {
  const auto since = record.heard_since.find(topic);
  return since != record.heard_since.end() && since->second <= at;
}

// An event that was sent to nobody.
void settle_unheard(const json& head, std::string_view frame, const DayRecord& record,
                    DayAccount& account) {
  const core::WallTime at = wall_of(head, "at");
  const auto found = record.recovered.find(key_of_segment(frame));
  if (!is_wanted(record, head.at("topic"), at)) {
    ++account.unwanted;
  } else if (found != record.recovered.end()) {
    ++account.recovered;
    account.late += found->second > 0 ? 1U : 0U;
  } else if (is_lost(record, at)) {
    ++account.lost;
  } else {
    account.unaccounted.push_back(head.dump());
  }
}

void settle_heard(std::string_view frame, const DayRecord& record, DayAccount& account) {
  ++account.live;
  const auto found = record.delivered.find(key_of_event(frame));
  if (found == record.delivered.end() || found->second != 1) {
    account.not_once.push_back(key_of_event(frame));
  }
}

}  // namespace

std::string key_of_event(std::string_view frame) {
  return fmt::format("{} {} {}", topic_of(frame), conversation_of(frame), time_of(frame));
}

std::string key_of_segment(std::string_view conversation, std::int64_t milliseconds) {
  return fmt::format("{} {}", conversation, milliseconds);
}

std::string key_of_segment(std::string_view frame) {
  const std::string_view time = time_of(frame);
  std::int64_t milliseconds = 0;
  std::from_chars(time.data(), time.data() + time.size(), milliseconds);
  return key_of_segment(conversation_of(frame), milliseconds);
}

void DayRecord::tell(const core::AuditRecord& record) {
  ++notes[record.type()];
  if (record.type() == "topic_rejected") {
    rejected.push_back(record.fields());
  }
  const bool gap = record.type() == "coverage_gap";
  if (!gap && record.type() != "coverage_gap_filled" && record.type() != "events_lost") {
    return;
  }
  const json fields = json::parse("{" + record.fields().substr(1) + "}");
  const core::TimeWindow window{wall_of(fields, "from"), wall_of(fields, "to")};
  if (gap) {
    gaps.push_back(window);
    coverage.gap(window);
    ++gap_causes[fields.at("cause")];
  } else if (record.type() == "events_lost") {
    lost.push_back(window);
  } else {
    coverage.filled(window);
  }
}

DayAccount settle(const std::filesystem::path& truth, const DayRecord& record) {
  DayAccount account;
  std::ifstream file(truth);
  for (std::string line; std::getline(file, line);) {
    const std::size_t mark = line.find(kFrame);
    if (mark == std::string::npos) {
      continue;  // about a channel
    }
    ++account.events;
    const json head = json::parse(line.substr(0, mark) + "}");
    const std::string_view frame = std::string_view(line).substr(mark + kFrame.size());
    if (head.at("sockets") == 0) {
      settle_unheard(head, frame, record, account);
    } else {
      settle_heard(frame, record, account);
    }
  }
  return account;
}

}  // namespace gcstream_sim
