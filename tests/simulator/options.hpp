// Everything a Server can be told. Values only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "simulator/api.hpp"
#include "simulator/certificates.hpp"
#include "simulator/feed.hpp"

namespace gcstream_sim {

struct Options {
  std::uint16_t port = 0;  // 0: any free one
  PemPair identity;        // from a CertificateAuthority that the client trusts
  Credentials credentials;
  FeedOptions feed;
  double rate = 20;              // events per second; 0: as fast as possible
  bool wait_for_client = false;  // create nothing while nobody is subscribed
  std::chrono::milliseconds heartbeat{10'000};
  std::function<void(std::string_view)> log;  // one line a call; empty: none
};

}  // namespace gcstream_sim
