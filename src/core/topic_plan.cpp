#include "gcstreamd/core/topic_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace gcstreamd {
namespace {

constexpr std::size_t kIdBytes = 36;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'f');
}

/// 8-4-4-4-12 hex digits.
bool is_id(std::string_view text) {
  if (text.size() != kIdBytes)
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i]))
      return false;
  }
  return true;
}

std::string topic_of(DirectoryKind kind, std::string_view id) {
  return kind == DirectoryKind::queues ? fmt::format("v2.routing.queues.{}.conversations", id)
                                       : fmt::format("v2.users.{}.conversations", id);
}

void expand_rules(std::span<const std::string> rules, std::span<const DirectoryPage::Entry> entries,
                  DirectoryKind kind, std::set<std::string>& topics) {
  for (const std::string& rule : rules) {
    if (is_id(rule)) {
      topics.insert(topic_of(kind, rule));
      continue;
    }
    for (const DirectoryPage::Entry& entry : entries)
      if (fits(entry.name, rule))
        topics.insert(topic_of(kind, entry.id));
  }
}

/// Up to the last id in a topic and without the dot behind it; "" where nothing follows one.
std::string_view prefix_of(std::string_view topic) {
  for (std::size_t end = topic.rfind('.'); end != std::string_view::npos && end >= kIdBytes;
       end = topic.rfind('.', end - 1))
    if (is_id(topic.substr(end - kIdBytes, kIdBytes)))
      return topic.substr(0, end);
  return {};
}

/// One prefix's topics, in as few combined ones as their length allows.
void join(std::string_view prefix, std::span<const std::string> topics,
          std::vector<std::string>& out) {
  std::string joined;
  std::size_t parts = 0;
  const auto finish = [&](const std::string& last) {
    if (parts == 1)
      joined = last;  // alone it stays as it was
    if (parts > 0)
      out.push_back(joined);
  };
  const std::string* last = nullptr;
  for (const std::string& topic : topics) {
    const std::string_view suffix = std::string_view(topic).substr(prefix.size() + 1);
    if (parts > 0 && joined.size() + 1 + suffix.size() >= kMostTopicBytes) {
      finish(*last);
      parts = 0;
    }
    joined =
        parts == 0 ? fmt::format("{}?{}", prefix, suffix) : fmt::format("{}&{}", joined, suffix);
    ++parts;
    last = &topic;
  }
  if (last)
    finish(*last);
}

}  // namespace

bool TopicRules::needs(DirectoryKind kind) const {
  const auto& rules = kind == DirectoryKind::queues ? queues : users;
  return std::any_of(rules.begin(), rules.end(),
                     [](const std::string& rule) { return !is_id(rule); });
}

bool fits(std::string_view name, std::string_view pattern) {
  std::size_t n = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_name = 0;
  while (n < name.size()) {
    const bool any_text = p < pattern.size() && pattern[p] == '*';
    const bool one = p < pattern.size() && !any_text &&
                     (pattern[p] == '?' || lower(pattern[p]) == lower(name[n]));
    if (any_text) {
      star = p++;
      star_name = n;
    } else if (one) {
      ++n;
      ++p;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::vector<std::string> expand(const TopicRules& rules,
                                std::span<const DirectoryPage::Entry> queues,
                                std::span<const DirectoryPage::Entry> users) {
  std::set<std::string> topics(rules.topics.begin(), rules.topics.end());
  expand_rules(rules.queues, queues, DirectoryKind::queues, topics);
  expand_rules(rules.users, users, DirectoryKind::users, topics);
  return {topics.begin(), topics.end()};
}

std::vector<std::string> combine(std::span<const std::string> topics) {
  std::vector<std::string> combined;
  while (!topics.empty()) {
    const std::string_view prefix = prefix_of(topics.front());
    std::size_t count = 1;
    while (!prefix.empty() && count < topics.size() && prefix_of(topics[count]) == prefix)
      ++count;
    if (count == 1)
      combined.push_back(topics.front());
    else
      join(prefix, topics.first(count), combined);
    topics = topics.subspan(count);
  }
  return combined;
}

std::vector<std::string> split_combined(std::string_view topic) {
  const std::size_t mark = topic.find('?');
  if (mark == std::string_view::npos)
    return {std::string(topic)};
  std::vector<std::string> topics;
  std::string_view rest = topic.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    topics.push_back(fmt::format("{}.{}", topic.substr(0, mark), rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return topics;
}

TopicChanges changes_between(std::span<const std::string> before,
                             std::span<const std::string> after) {
  TopicChanges changes;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(changes.added));
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::back_inserter(changes.removed));
  return changes;
}

TopicGroups::Update TopicGroups::assign(std::span<const std::string> topics) {
  std::set<std::string> wanted(topics.begin(), topics.end());
  std::set<std::size_t> changed;
  for (std::size_t i = 0; i < groups_.size(); ++i)
    if (std::erase_if(groups_[i], [&](const std::string& one) { return !wanted.contains(one); }))
      changed.insert(i);
  for (const auto& group : groups_)
    for (const std::string& topic : group)
      wanted.erase(topic);
  Update update;
  for (const std::string& topic : wanted) {
    const std::size_t place = place_for_one();
    if (place == groups_.size()) {
      update.left_out.push_back(topic);
      continue;
    }
    groups_[place].push_back(topic);
    changed.insert(place);
  }
  for (const std::size_t i : changed)
    std::sort(groups_[i].begin(), groups_[i].end());
  update.changed.assign(changed.begin(), changed.end());
  return update;
}

/// The first group with room, a new one where none has; size() when that would be one too many.
std::size_t TopicGroups::place_for_one() {
  for (std::size_t i = 0; i < groups_.size(); ++i)
    if (groups_[i].size() < most_topics_)
      return i;
  if (groups_.size() < most_groups_)
    groups_.emplace_back();
  else
    return groups_.size();
  return groups_.size() - 1;
}

std::vector<std::string> TopicGroups::all() const {
  std::vector<std::string> topics;
  for (const auto& group : groups_)
    topics.insert(topics.end(), group.begin(), group.end());
  return topics;
}

std::size_t TopicGroups::channels() const {
  return static_cast<std::size_t>(std::count_if(groups_.begin(), groups_.end(),
                                                [](const auto& group) { return !group.empty(); }));
}

}  // namespace gcstreamd
