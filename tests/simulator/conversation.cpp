#include "simulator/conversation.hpp"

#include "simulator/vocabulary.hpp"

namespace gcstream_sim {
namespace {

std::optional<std::size_t> free_agent(Random& random, const Cast& cast) {
  const std::size_t offset = random.below(cast.agents.size());
  for (std::size_t i = 0; i < cast.agents.size(); ++i) {
    const std::size_t index = (offset + i) % cast.agents.size();
    if (cast.agents[index].in_queue && !cast.agents[index].busy) {
      return index;
    }
  }
  return std::nullopt;
}

}  // namespace

Conversation::Conversation(Random& random, const Cast& cast)
    : id_(random.uuid()),
      media_(random.chance(60) ? words::kMedia[0] : random.pick(words::kMedia)),
      direction_(random.chance(80) ? "inbound" : "outbound"),
      intent_(random.pick(words::kIntents)),
      customer_id_(random.uuid()),
      customer_name_(random.pick(words::kNames)),
      customer_address_(random.phone_number()),
      called_address_(random.phone_number()),
      queue_(random.below(cast.queues.size())) {}

std::vector<Draft> Conversation::advance(Random& random, Cast& cast) {
  switch (state_) {
    case State::starting:
      return start(random, cast);
    case State::queued:
      return wait_in_queue(random, cast);
    case State::alerting:
      return answer(random, cast);
    case State::connected:
      return talk(random, cast);
    case State::held:
      return resume(random, cast);
    case State::wrapping:
      return wrap_up(random, cast);
    case State::ended:
      break;
  }
  return {};
}

std::vector<Draft> Conversation::start(Random& random, const Cast& cast) {
  state_ = State::queued;
  return {conversation_event(random, cast, "started"),
          participant_event(random, cast, "customer", "connected"),
          media_event(random, cast, "sessionStarted"), conversation_event(random, cast, "queued")};
}

std::vector<Draft> Conversation::wait_in_queue(Random& random, Cast& cast) {
  if (random.chance(4)) {
    state_ = State::ended;
    return {participant_event(random, cast, "customer", "abandoned"),
            conversation_event(random, cast, "ended")};
  }
  agent_ = free_agent(random, cast);
  if (!agent_) {
    return {};
  }
  cast.agents[*agent_].busy = true;
  state_ = State::alerting;
  return {participant_event(random, cast, "agent", "alerting")};
}

std::vector<Draft> Conversation::answer(Random& random, const Cast& cast) {
  state_ = State::connected;
  return {participant_event(random, cast, "agent", "connected"),
          media_event(random, cast, "recordingStarted"),
          conversation_event(random, cast, "connected")};
}

std::vector<Draft> Conversation::talk(Random& random, Cast& cast) {
  const std::size_t what = random.below(10);
  if (what < 3) {
    return {annotation_event(random, cast, random.chance(50) ? "note" : "sentiment")};
  }
  if (what < 5) {
    state_ = State::held;
    return {participant_event(random, cast, "customer", "held"),
            media_event(random, cast, "holdStarted")};
  }
  if (what < 6) {
    return transfer(random, cast);
  }
  if (what < 8) {
    return {media_event(random, cast, "qualityReported")};
  }
  return hang_up(random, cast);
}

std::vector<Draft> Conversation::resume(Random& random, const Cast& cast) {
  state_ = State::connected;
  return {media_event(random, cast, "holdEnded"),
          participant_event(random, cast, "customer", "connected")};
}

std::vector<Draft> Conversation::transfer(Random& random, Cast& cast) {
  std::vector<Draft> drafts{participant_event(random, cast, "agent", "disconnected")};
  cast.agents[*agent_].busy = false;
  agent_.reset();
  queue_ = random.below(cast.queues.size());
  state_ = State::queued;
  drafts.push_back(conversation_event(random, cast, "transferred"));
  return drafts;
}

std::vector<Draft> Conversation::hang_up(Random& random, const Cast& cast) {
  state_ = State::wrapping;
  return {participant_event(random, cast, "customer", "disconnected"),
          media_event(random, cast, "sessionEnded")};
}

std::vector<Draft> Conversation::wrap_up(Random& random, Cast& cast) {
  state_ = State::ended;
  std::vector<Draft> drafts{annotation_event(random, cast, "wrapUp"),
                            conversation_event(random, cast, "ended")};
  cast.agents[*agent_].busy = false;
  return drafts;
}

}  // namespace gcstream_sim
