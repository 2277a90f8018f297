// One conversation's life, from the first ring to the wrap-up code, as a state machine.
//
// Ownership: a Conversation holds values only; the Cast that it borrows an agent from is passed to
// each call and outlives it. No clock, no I/O; for one thread at a time.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

#include "simulator/cast.hpp"
#include "simulator/event_type.hpp"
#include "simulator/random.hpp"

namespace gcstream_sim {

// What happened, without a number and a time: those are given when it is told.
struct Draft {
  EventType type;
  nlohmann::ordered_json body;
};

class Conversation {
 public:
  enum class State {
    starting,   // nothing told yet
    queued,     // waits for an agent
    alerting,   // an agent's phone rings
    connected,  // customer and agent talk
    held,       // the customer hears music
    wrapping,   // the customer has gone, the agent writes a wrap-up
    ended,      // told to the end: the owner may discard it
  };

  Conversation(Random& random, const Cast& cast);

  // Moves one step on and returns what there is to tell of it, which may be nothing.
  std::vector<Draft> advance(Random& random, Cast& cast);
  State state() const { return state_; }

 private:
  std::vector<Draft> start(Random& random, const Cast& cast);
  std::vector<Draft> wait_in_queue(Random& random, Cast& cast);
  std::vector<Draft> answer(Random& random, const Cast& cast);
  std::vector<Draft> talk(Random& random, Cast& cast);
  std::vector<Draft> resume(Random& random, const Cast& cast);
  std::vector<Draft> transfer(Random& random, Cast& cast);
  std::vector<Draft> hang_up(Random& random, const Cast& cast);
  std::vector<Draft> wrap_up(Random& random, Cast& cast);

  Draft conversation_event(Random& random, const Cast& cast, const char* action) const;
  Draft media_event(Random& random, const Cast& cast, const char* action) const;
  Draft participant_event(Random& random, const Cast& cast, const char* purpose,
                          const char* state) const;
  Draft annotation_event(Random& random, const Cast& cast, const char* kind) const;

  nlohmann::ordered_json head(const Cast& cast, const char* action) const;
  nlohmann::ordered_json customer(const char* state) const;
  nlohmann::ordered_json agent(const Cast& cast, const char* state) const;

  State state_ = State::starting;
  std::string id_;
  std::string media_;
  std::string direction_;
  std::string intent_;
  std::string customer_id_;
  std::string customer_name_;
  std::string customer_address_;
  std::string called_address_;
  std::size_t queue_;
  std::optional<std::size_t> agent_;
};

}  // namespace gcstream_sim
