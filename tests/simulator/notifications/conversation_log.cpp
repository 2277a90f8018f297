#include "simulator/notifications/conversation_log.hpp"

#include <algorithm>
#include <utility>

namespace gcstream_sim {

// A UUID again: the first half of one, the second half of the other.
std::string session_id(const std::string& conversation, const std::string& participant) {
  constexpr std::size_t kHalf = 18;
  return conversation.size() < kHalf || participant.size() < kHalf
             ? conversation + participant
             : conversation.substr(0, kHalf) + participant.substr(kHalf);
}

ConversationRecord& ConversationLog::record_of(const ConversationRecord& which) {
  const auto found = number_of_.find(which.id);
  if (found != number_of_.end()) {
    return records_[static_cast<std::size_t>(found->second - records_.front().number)];
  }
  if (records_.size() == most_) {
    number_of_.erase(records_.front().id);
    records_.pop_front();
  }
  records_.push_back(which);
  records_.back().number = ++newest_;
  number_of_[which.id] = newest_;
  return records_.back();
}

EventTime ConversationLog::note(const ConversationRecord& which, Incident incident) {
  ConversationRecord& record = record_of(which);
  incident.at = std::chrono::floor<std::chrono::milliseconds>(incident.at);
  if (!record.incidents.empty()) {
    incident.at = std::max(incident.at, record.incidents.back().at + std::chrono::milliseconds(1));
  }
  record.incidents.push_back(std::move(incident));
  return record.incidents.back().at;
}

}  // namespace gcstream_sim
