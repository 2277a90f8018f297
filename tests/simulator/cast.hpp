// The people and places of the simulated contact centre: made once from a seed, then only their
// state changes. Values, owned by the Story; for one thread at a time.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

#include "simulator/random.hpp"

namespace gcstream_sim {

struct Queue {
  std::string id;
  std::string name;
};

struct Agent {
  std::string id;
  std::string name;
  std::string email;
  std::string station;
  bool in_queue = false;
  bool busy = false;
};

struct Cast {
  explicit Cast(Random& random);

  std::string organization_id;
  std::string division_id;
  std::vector<Queue> queues;
  std::vector<Agent> agents;
};

nlohmann::ordered_json queue_json(const Queue& queue);

}  // namespace gcstream_sim
