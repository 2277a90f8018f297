#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/core/audit_record.hpp"
#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/http_message.hpp"
#include "gcstreamd/core/secret.hpp"

namespace gcstreamd {

/// The REST calls that channels and topics need: requests as values, answers judged. Faults are at
/// Stage::subscribe and hold the server's words: scrub them before they are shown, then clip them.
/// A request's target may hold a channel's id: it is never shown.

/// What the server says of a new channel. The id is a credential, and so is the URI.
struct ChannelGrant {
  ChannelGrant() = default;

  Secret id;
  Secret connect_uri;
  std::chrono::seconds lifetime{0};  ///< until it expires
};

/// One topic as the server judged it.
struct TopicVerdict {
  std::string topic;
  std::string reason;  ///< why it was rejected; "" where nothing was said
  std::vector<std::string> missing_permissions;
  bool operator==(const TopicVerdict&) const = default;
};

struct SubscriptionAnswer {
  std::vector<std::string> permitted;
  std::vector<TopicVerdict> rejected;
};

/// Some of the org's queues or users.
struct DirectoryPage {
  struct Entry {
    std::string id;
    std::string name;
  };
  std::vector<Entry> entries;
  bool last = true;
};

/// `api_url` as in the configuration: `https://api.D`.
HttpRequest api_request(std::string_view method, const std::string& api_url,
                        std::string_view target, const Secret& token, std::string_view body = {});

HttpRequest create_channel(const std::string& api_url, const Secret& token);
Outcome<ChannelGrant> parse_channel(const HttpResponse& response, WallTime now);

/// The client's channels, and how many there are.
HttpRequest list_channels(const std::string& api_url, const Secret& token);
Outcome<std::size_t> parse_channel_count(const HttpResponse& response, WallTime now);

/// Replaces the channel's topics, which renews it, too.
HttpRequest set_topics(const std::string& api_url, const Secret& token, const Secret& channel_id,
                       std::span<const std::string> topics);
/// A topic that the answer does not name counts as rejected, unless it names none at all: then the
/// server took the request as it is.
Outcome<SubscriptionAnswer> parse_subscription(const HttpResponse& response,
                                               std::span<const std::string> topics, WallTime now);

enum class DirectoryKind { queues, users };
/// Pages count from 1.
HttpRequest list_directory(const std::string& api_url, const Secret& token, DirectoryKind kind,
                           unsigned page);
Outcome<DirectoryPage> parse_directory(const HttpResponse& response, unsigned page, WallTime now);

/// The fault that any answer but success stands for.
Fault api_fault(const HttpResponse& response, WallTime now);
/// An HTTP exchange's fault before any answer, as one of the API: exchanges are the token's else.
Fault of_api(Fault fault);
/// What to do about a call that failed, or "": `hint` would tell of a stream's subscription.
std::string_view api_hint(const Fault& fault);

/// The topics of a stream that are rejected, each told once for as long as it stays so. Bounded by
/// the topics that it is given, as long as those that go are told by `keep_only`.
class RejectedTopics {
 public:
  /// Takes the verdicts on `topics`; returns a `topic_rejected` record for each one that is new.
  std::vector<AuditRecord> update(std::span<const std::string> topics,
                                  const SubscriptionAnswer& answer);
  /// Others are not asked for any more.
  void keep_only(std::span<const std::string> topics);
  const std::vector<TopicVerdict>& all() const { return rejected_; }

 private:
  std::vector<TopicVerdict> rejected_;
};

}  // namespace gcstreamd
