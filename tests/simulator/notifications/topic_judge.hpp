// Which topics a client may have. Decisions only; no I/O, no clock; for one thread at a time.
//
// Ownership: borrows the directory, which must outlive it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "simulator/notifications/directory.hpp"
#include "simulator/notifications/options.hpp"

namespace gcstream_sim {

struct TopicVerdict {
  std::string topic;
  std::string reason;  // why it is rejected; empty: it is permitted
  std::vector<std::string> missing;

  bool permitted() const { return reason.empty(); }
};

class TopicJudge {
 public:
  TopicJudge(const Directory& directory, std::vector<TopicRule> rejected)
      : directory_(directory), rejected_(std::move(rejected)) {}

  // A combined topic is rejected in whole when one of its parts is.
  TopicVerdict judge(std::string_view topic) const;

  // A rule without permissions rejects for want of the one that such a topic needs.
  void reject(TopicRule rule) { rejected_.push_back(std::move(rule)); }
  // Takes back the rules with that pattern.
  void permit(std::string_view pattern);

 private:
  TopicVerdict judge_one(std::string_view topic) const;

  const Directory& directory_;
  std::vector<TopicRule> rejected_;
};

}  // namespace gcstream_sim
