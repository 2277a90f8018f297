// What happened in each conversation and when: what details queries are answered from.
//
// Bounded: the oldest conversations are forgotten. No I/O, no clock; for one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace gcstream_sim {

using EventTime = std::chrono::system_clock::time_point;

// One thing that happened.
struct Incident {
  EventTime at;
  std::string what;  // a detail event's suffix, or the story's word for it
  std::string participant;
  std::string purpose;
  std::string user;  // of an agent
  std::string queue;
  std::string wrap_up;
  bool last = false;  // the conversation ends with it
};

struct ConversationRecord {
  std::string id;
  std::uint64_t number = 0;  // from 1
  std::string media;
  std::string direction;
  std::vector<Incident> incidents;  // in the order of their times, which all differ

  EventTime start() const { return incidents.front().at; }
};

// The session of one of its participants.
std::string session_id(const std::string& conversation, const std::string& participant);

class ConversationLog {
 public:
  explicit ConversationLog(std::size_t most) : most_(most) {}

  // Its time is `at`, or a millisecond after the last one of this conversation. Returns it.
  EventTime note(const ConversationRecord& which, Incident incident);
  const std::deque<ConversationRecord>& records() const { return records_; }

 private:
  ConversationRecord& record_of(const ConversationRecord& which);

  std::size_t most_;
  std::deque<ConversationRecord> records_;  // in the order of their starts
  std::unordered_map<std::string, std::uint64_t> number_of_;
  std::uint64_t newest_ = 0;
};

}  // namespace gcstream_sim
