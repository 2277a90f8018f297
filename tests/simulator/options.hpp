// Everything a Server can be told. Values only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/api.hpp"
#include "simulator/certificates.hpp"
#include "simulator/feed.hpp"
#include "simulator/notifications/options.hpp"
#include "simulator/protocol.hpp"
#include "simulator/script.hpp"

namespace gcstream_sim {

struct Options {
  Protocol protocol = Protocol::analytics_stream;
  NotificationOptions notifications;
  std::uint16_t port = 0;  // 0: any free one
  PemPair identity;        // from a CertificateAuthority that the client trusts
  Credentials credentials;
  FeedOptions feed;
  Script script;             // see script_of()
  std::vector<Step> faults;  // each at every occasion; see standing_fault()
  // Issues the certificates of `tls expired` and its like, so that only what is asked for is wrong
  // with them; none: one that no client knows.
  std::optional<CertificateAuthority> authority;
  double rate = 20;               // events per second; 0: as fast as possible
  bool wait_for_client = false;   // create nothing while nobody is subscribed
  std::uint64_t most_behind = 0;  // nor while a subscriber has so many still to get; 0: no matter
  std::chrono::milliseconds heartbeat{10'000};
  bool numbered_heartbeats = false;           // with the newest event's number
  std::chrono::milliseconds ping{0};          // between pings; 0: none
  std::function<void(std::string_view)> log;  // one line a call; empty: none
};

}  // namespace gcstream_sim
