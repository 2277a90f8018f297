#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/core/channel_api.hpp"

namespace gcstreamd {

/// What a stream wants to hear of, as configured.
struct TopicRules {
  std::vector<std::string> topics;  ///< as they are
  std::vector<std::string> queues;  ///< ids, or name patterns: `*`, `Sales *`, `?`
  std::vector<std::string> users;   ///< the same

  /// Whether some rule needs the org's queues or users to be listed.
  bool needs(DirectoryKind kind) const;
};

/// Whether the name fits the pattern: `*` is any text, `?` any one character; ASCII letters of
/// either case are the same.
bool fits(std::string_view name, std::string_view pattern);

/// The topics that the rules come to, sorted, each once. An id is taken whether it is listed or
/// not; `queues` and `users` are what the org has by now.
std::vector<std::string> expand(const TopicRules& rules,
                                std::span<const DirectoryPage::Entry> queues,
                                std::span<const DirectoryPage::Entry> users);

/// Joins topics that differ only behind an id into `prefix?suffix1&suffix2`, which counts as one;
/// none of them reaches kMostTopicBytes. `topics` sorted.
std::vector<std::string> combine(std::span<const std::string> topics);
/// The single topics of one that may be combined: `prefix.suffix1`, `prefix.suffix2`.
std::vector<std::string> split_combined(std::string_view topic);

inline constexpr std::size_t kMostTopicBytes = 200;
inline constexpr std::size_t kMostTopicsPerChannel = 1000;
inline constexpr std::size_t kMostChannels = 20;

struct TopicChanges {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  bool empty() const { return added.empty() && removed.empty(); }
};
/// Both sorted.
TopicChanges changes_between(std::span<const std::string> before,
                             std::span<const std::string> after);

/// Spreads a stream's topics over groups, one channel each. A topic stays in its group for as long
/// as it is wanted, so that ids that come and go change no more channels than they must. Bounded:
/// beyond `most_groups` topics are left out, and said so.
class TopicGroups {
 public:
  explicit TopicGroups(std::size_t most_groups = kMostChannels,
                       std::size_t most_topics = kMostTopicsPerChannel)
      : most_groups_(most_groups), most_topics_(most_topics) {}

  struct Update {
    std::vector<std::size_t> changed;   ///< groups whose topics are others now, new and empty ones
                                        ///< included
    std::vector<std::string> left_out;  ///< there is no room for them
  };
  /// `topics`: all that are wanted from now on, combined ones as they are.
  Update assign(std::span<const std::string> topics);

  /// A group's topics, sorted; empty: it needs no channel (any more).
  const std::vector<std::string>& group(std::size_t index) const { return groups_.at(index); }
  std::size_t size() const { return groups_.size(); }
  /// The topics of all groups.
  std::vector<std::string> all() const;
  /// How many channels that takes.
  std::size_t channels() const;
  /// A channel that replaces one needs a place of its own; without it the one that was used longest
  /// ago goes.
  bool leaves_room_to_replace() const { return channels() < most_groups_; }

 private:
  std::size_t place_for_one();

  std::size_t most_groups_;
  std::size_t most_topics_;
  std::vector<std::vector<std::string>> groups_;
};

}  // namespace gcstreamd
