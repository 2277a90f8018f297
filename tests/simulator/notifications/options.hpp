// What the Notifications protocol can be told. Values only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gcstream_sim {

// How a client learns that its channel is gone.
enum class GoneChannel {
  not_found,     // the upgrade is refused with 404
  unauthorized,  // with 401
  in_band,       // it succeeds, then comes {"result":"404",…} and the close
};

// Topics that are refused, and for want of what.
struct TopicRule {
  std::string pattern;  // * is any text
  std::vector<std::string> permissions;
};

struct NotificationOptions {
  std::size_t most_channels = 20;
  std::size_t most_topics = 1000;  // of one channel
  std::chrono::milliseconds channel_life = std::chrono::hours(24);
  std::chrono::milliseconds socket_life{0};  // then socket_closing is told; 0: never
  std::chrono::milliseconds closing_notice{60'000};
  std::uint16_t displaced_code = 1000;  // closes a socket when its channel gets another
  GoneChannel gone = GoneChannel::not_found;
  std::size_t requests = 300;  // within the window; 0: no matter
  std::chrono::milliseconds window{60'000};
  std::vector<TopicRule> rejected;
  bool own_metadata = false;  // of each socket; else an event has the same bytes on all
  std::size_t queues = 8;
  std::size_t users = 24;
  std::uint64_t past = 0;  // moves of the story on the UTC day before
  // A details query knows what happened only so much later.
  std::chrono::milliseconds details_delay{0};
  // The end and the wrap-up of every N-th conversation are known so much later than that; 0: none.
  std::uint64_t late_every = 0;
  std::chrono::milliseconds late_by{0};
  std::size_t most_conversations = 100'000;  // the newest, for details queries
};

}  // namespace gcstream_sim
