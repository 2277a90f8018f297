#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/load/event_block.hpp"
#include "support/peer.hpp"

namespace gcstreamd::bench {

/// The other side of a measurement: grants tokens, takes subscriptions and sends events, faster
/// than any client reads them.
class Load {
 public:
  /// `record_bytes`: about so many bytes of frames, and one at least, are a TLS record of up to 16
  /// KiB. Many records go to the socket at once.
  Load(std::size_t event_bytes, std::size_t record_bytes);

  const testing::Peer& peer() const { return peer_; }

  /// Serves until so many more streams are subscribed.
  void open(std::size_t streams);
  /// So many events on each stream, as fast as they are taken.
  void send(std::uint64_t count);
  /// So many events at this rate on the first stream, each in a record of its own. Nanoseconds from
  /// when each was due to be written to the socket until its line can be read in the file. Waits on
  /// a processor that it takes from nobody: any other thread goes first.
  std::vector<std::uint32_t> pace(std::uint64_t count, double rate, const std::string& file);
  void heartbeat();

 private:
  struct Stream {
    testing::WebSocket socket;
    std::uint64_t next;
  };

  void send(Stream& stream, std::uint64_t count) const;
  std::vector<std::uint32_t> send_paced(std::uint64_t count, double rate, const std::string& file);

  testing::Peer peer_;
  std::size_t record_bytes_;  // whole frames
  EventBlock block_;
  EventBlock single_;
  std::vector<Stream> streams_;
};

}  // namespace gcstreamd::bench
