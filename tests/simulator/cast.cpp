#include "simulator/cast.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "simulator/vocabulary.hpp"

namespace gcstream_sim {
namespace {

Agent make_agent(Random& random, std::size_t index) {
  Agent agent;
  agent.id = random.uuid();
  agent.name = words::kNames[index % words::kNames.size()];
  agent.email = fmt::format("agent{:02}@contact-centre.example", index + 1);
  agent.station = fmt::format("station-{:03}", random.between(1, 400));
  agent.in_queue = random.chance(70);
  return agent;
}

}  // namespace

Cast::Cast(Random& random) : organization_id(random.uuid()), division_id(random.uuid()) {
  for (const std::string_view name : words::kQueues) {
    queues.push_back({random.uuid(), std::string(name)});
  }
  for (std::size_t index = 0; index < words::kNames.size(); ++index) {
    agents.push_back(make_agent(random, index));
  }
}

nlohmann::ordered_json queue_json(const Queue& queue) {
  return {{"id", queue.id}, {"name", queue.name}};
}

}  // namespace gcstream_sim
