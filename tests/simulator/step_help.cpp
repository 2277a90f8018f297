// What people read about steps.
#include <algorithm>
#include <numeric>
#include <vector>

#include "simulator/step_table.hpp"

namespace gcstream_sim {
namespace {

using Type = ParameterType;

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

std::string shown(const Parameter& parameter) {
  std::string text(parameter.name);
  if (parameter.type == Type::number && !parameter.words.empty()) {
    text.append("|").append(parameter.words);
  }
  if (parameter.type == Type::retry_after) {
    text.insert(0, "retry-after ");
  }
  if (parameter.type == Type::text) {
    text.append("…");
  }
  return parameter.optional ? "[" + text + "]" : text;
}

struct Heading {
  Place place;
  std::string_view text;
};

constexpr auto kHeadings = std::to_array<Heading>({
    {Place::token, "Token requests: each of these answers the next one."},
    {Place::connection, "Connections: befalls the next one that a client opens."},
    {Place::request, "REST calls: each of these answers the next one of its kind."},
    {Place::upgrade, "Upgrades: each of these answers the next one that has a valid token."},
    {Place::subscription, "Subscriptions: each of these is about the next one."},
    {Place::stream,
     "The stream: waits until a client is subscribed and has been sent all there was."},
    {Place::at_once, "At once."},
    {Place::block, "Order."},
});

constexpr std::string_view kPreface =
    "A script holds one step a line; # begins a comment. Each step begins when the one before it "
    "is\n"
    "done; what no step is about is served without a fault. Live events come at --rate only after\n"
    "the last step and during serve.\n"
    "  gcstream-sim --script FILE    plays a script\n"
    "  gcstream-sim --fault 'STEP'   one step at every occasion; a stream step once a stream\n";

}  // namespace

const StepInfo* step_named(std::string_view name) {
  const auto table = step_table();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [name](const StepInfo& info) { return info.name == name; });
  return found == table.end() ? nullptr : &*found;
}

std::string_view nearest_step_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  std::string_view nearest;
  std::size_t least = name.size() > kLongest ? 0 : std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const StepInfo& info : step_table()) {
    const std::size_t away = distance(name, info.name);
    if (away < least) {
      least = away;
      nearest = info.name;
    }
  }
  return nearest;
}

std::string usage_of(const StepInfo& info) {
  std::string usage(info.name);
  for (const Parameter& parameter : info.parameters) {
    if (parameter.type != Type::none) {
      usage.append(" ").append(shown(parameter));
    }
  }
  return usage;
}

std::string list_of_faults() {
  std::string list(kPreface);
  for (const Heading& heading : kHeadings) {
    list.append("\n").append(heading.text).append("\n");
    for (const StepInfo& info : step_table()) {
      if (info.place == heading.place) {
        list.append("  ").append(usage_of(info)).append("\n      ").append(info.explanation);
        list.append("\n      Example: ").append(info.example).append("\n");
        if (info.only) {
          list.append("      Only with --protocol ").append(name_of(*info.only)).append(".\n");
        }
      }
    }
  }
  return list;
}

}  // namespace gcstream_sim
