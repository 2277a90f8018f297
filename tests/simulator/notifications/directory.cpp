#include "simulator/notifications/directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gcstream_sim {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

Directory::Directory(Cast& cast, std::uint64_t seed, std::size_t queues, std::size_t users)
    : cast_(cast), random_(seed ^ 0x6469'7265'6374'6f72U) {
  while (cast_.queues.size() < queues) {
    add(DirectoryKind::queues, fmt::format("Queue {:04}", cast_.queues.size() + 1));
  }
  while (cast_.agents.size() < users) {
    add(DirectoryKind::users, fmt::format("Agent {:04}", cast_.agents.size() + 1));
  }
}

std::vector<Directory::Entry> Directory::entries(DirectoryKind kind) const {
  std::vector<Entry> entries;
  if (kind == DirectoryKind::queues) {
    for (const Queue& queue : cast_.queues) {
      entries.push_back({queue.id, queue.name, {}});
    }
  } else {
    for (const Agent& agent : cast_.agents) {
      entries.push_back({agent.id, agent.name, agent.email});
    }
  }
  std::erase_if(entries, [this](const Entry& entry) { return removed_.contains(entry.id); });
  return entries;
}

Json Directory::page(DirectoryKind kind, std::size_t size, std::size_t number) const {
  const auto all = entries(kind);
  const std::size_t from = std::min((number - 1) * size, all.size());
  const std::size_t to = std::min(from + size, all.size());
  Json listed = Json::array();
  for (std::size_t i = from; i < to; ++i) {
    Json entity{{"id", all[i].id}, {"name", all[i].name}};
    if (kind == DirectoryKind::users) {
      entity["email"] = all[i].email;
      entity["state"] = "active";
    }
    listed.push_back(std::move(entity));
  }
  return {{"entities", std::move(listed)},
          {"pageSize", size},
          {"pageNumber", number},
          {"total", all.size()},
          {"pageCount", (all.size() + size - 1) / size}};
}

bool Directory::has(DirectoryKind kind, std::string_view id) const {
  const auto is = [id](const auto& one) { return one.id == id; };
  const bool known = kind == DirectoryKind::queues
                         ? std::any_of(cast_.queues.begin(), cast_.queues.end(), is)
                         : std::any_of(cast_.agents.begin(), cast_.agents.end(), is);
  return known && !removed_.contains(id);
}

void Directory::add(DirectoryKind kind, const std::string& name) {
  if (kind == DirectoryKind::queues) {
    cast_.queues.push_back({random_.uuid(), name});
    return;
  }
  Agent agent;
  agent.id = random_.uuid();
  agent.name = name;
  agent.email = fmt::format("agent{:04}@contact-centre.example", cast_.agents.size() + 1);
  agent.station = fmt::format("station-{:03}", random_.between(1, 400));
  agent.in_queue = true;
  cast_.agents.push_back(std::move(agent));
}

bool Directory::remove(DirectoryKind kind, std::string_view name) {
  const auto all = entries(kind);
  const auto found = std::find_if(all.begin(), all.end(),
                                  [name](const Entry& entry) { return entry.name == name; });
  if (found == all.end()) {
    return false;
  }
  removed_.insert(found->id);
  return true;
}

}  // namespace gcstream_sim
