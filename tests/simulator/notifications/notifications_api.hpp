// The REST calls of channels, topics, directories and details queries.
//
// Ownership: borrows the switchboard, which must outlive it. No I/O but the truth, no clock; for
// one thread at a time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/api.hpp"
#include "simulator/notifications/request_allowance.hpp"
#include "simulator/notifications/switchboard.hpp"

namespace gcstream_sim {

struct ApiCounters {
  std::uint64_t requests = 0;
  std::uint64_t throttled = 0;  // of these, answered with 429 because there were too many
};

class NotificationsApi {
 public:
  // `streaming` is what connectUri begins with: wss://localhost:PORT
  NotificationsApi(Switchboard& board, std::string streaming);

  // The step's word for that call: create, list, subscribe, topics, queues, users, details;
  // nothing: there is no such resource.
  static std::optional<std::string_view> call_of(const Request& request);

  // Counts it; an answer when there were too many.
  std::optional<Response> throttle(EventTime now);
  // The token is good.
  Response answer(const Request& request, EventTime now);
  // What its allowance is, as on every answer.
  void add_headers(Response& response) const;

  // The channel of a connectUri's path; nothing: it is none.
  static std::optional<std::string> channel_of(std::string_view target);

  const ApiCounters& counters() const { return counters_; }

 private:
  using Query = std::map<std::string, std::string>;

  Response create(EventTime now);
  Response list() const;
  Response subscriptions(const Request& request, const Query& query, EventTime now);
  Response subscribe(const Request& request, Channel& channel, bool ignore_errors, EventTime now);
  Response directory(DirectoryKind kind, const Query& query) const;
  Response details(const std::string& body, EventTime now) const;
  nlohmann::ordered_json channel_json(const Channel& channel) const;

  Switchboard& board_;
  std::string streaming_;
  RequestAllowance allowance_;
  RequestAllowance::Verdict last_;
  ApiCounters counters_;
};

}  // namespace gcstream_sim
