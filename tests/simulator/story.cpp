#include "simulator/story.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <iterator>
#include <stdexcept>

#include "simulator/vocabulary.hpp"

namespace gcstream_sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostConversations = 30;
constexpr unsigned kMembershipPercent = 20;
constexpr unsigned kNewConversationPercent = 30;
constexpr unsigned kEscapedPercent = 5;

Draft membership_event(Random& random, const Cast& cast, const Agent& agent) {
  Json body{{"organizationId", cast.organization_id}, {"divisionId", cast.division_id}};
  body["action"] = agent.in_queue ? "joined" : "left";
  body["queue"] = queue_json(cast.queues[random.below(cast.queues.size())]);
  body["member"] = {
      {"userId", agent.id},
      {"name", agent.name},
      {"email", agent.email},
      {"station", agent.station},
      {"joined", agent.in_queue},
      {"routingStatus", agent.in_queue ? "IDLE" : "OFF_QUEUE"},
      {"ringNumber", random.between(1, 6)},
      {"skills", Json::array({random.pick(words::kSkills), random.pick(words::kSkills)})}};
  body["statistics"] = {{"membersJoined", random.between(1, cast.agents.size())},
                        {"waiting", random.below(40)},
                        {"longestWaitS", random.below(900)},
                        {"serviceLevelPercent", random.between(55, 100)}};
  body["changedBy"] = {{"name", random.pick(words::kNames)},
                       {"reason", random.chance(50) ? "schedule" : "supervisor"}};
  return {EventType::queue_member, std::move(body)};
}

}  // namespace

std::string format_time(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds);
  const std::tm parts = fmt::gmtime(std::chrono::system_clock::to_time_t(seconds));
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", parts, rest.count());
}

Story::Story(std::uint64_t seed, const EventTypes& types)
    : random_(seed), types_(types), cast_(random_) {
  if (types_.empty()) {
    throw std::invalid_argument("a story needs at least one event type");
  }
}

Draft Story::next_draft() {
  while (untold_.empty()) {
    live_on();
  }
  Draft draft = std::move(untold_.front());
  untold_.pop_front();
  return draft;
}

std::string Story::next(std::optional<std::uint64_t> number, WallTime now) {
  const Draft draft = next_draft();
  Json event{{"eventType", name_of(draft.type)}};
  if (number) {
    event["sequenceNumber"] = *number;
  }
  event["timestamp"] = format_time(now);
  event.insert(draft.body.begin(), draft.body.end());
  const bool escape_unicode = random_.chance(kEscapedPercent);
  return event.dump(-1, ' ', escape_unicode);
}

void Story::live_on() {
  if (random_.chance(kMembershipPercent)) {
    change_queue_membership();
  } else if (conversations_.size() < kMostConversations &&
             (conversations_.empty() || random_.chance(kNewConversationPercent))) {
    conversations_.emplace_back(random_, cast_);
  } else {
    advance_a_conversation();
  }
}

void Story::change_queue_membership() {
  Agent& agent = cast_.agents[random_.below(cast_.agents.size())];
  if (agent.busy) {
    return;
  }
  agent.in_queue = !agent.in_queue;
  std::vector<Draft> drafts;
  drafts.push_back(membership_event(random_, cast_, agent));
  tell(std::move(drafts));
}

void Story::advance_a_conversation() {
  const std::size_t index = random_.below(conversations_.size());
  tell(conversations_[index].advance(random_, cast_));
  if (conversations_[index].state() == Conversation::State::ended) {
    conversations_.erase(std::next(conversations_.begin(), static_cast<std::ptrdiff_t>(index)));
  }
}

void Story::tell(std::vector<Draft> drafts) {
  for (Draft& draft : drafts) {
    if (types_.has(draft.type)) {
      untold_.push_back(std::move(draft));
    }
  }
}

}  // namespace gcstream_sim
