#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gcstreamd/core/local_numbers.hpp"
#include "gcstreamd/core/protocol.hpp"

namespace gcstreamd {

/// The server's word about a channel itself (topics `v2.system.*`, which come unasked). The id
/// within such a topic may be the channel's, which is a secret: it is not kept.
struct Notice {
  enum class Kind {
    socket_closing,        ///< the server closes the socket in about a minute
    no_longer_subscribed,  ///< the channel gets no events any more
    token_revoked,
    other,
  };
  Kind kind = Kind::other;
  std::string words;  ///< `eventBody.message`, if any; scrub and clip it before it is shown
};

std::string_view name(Notice::Kind kind);

/// The protocol of Genesys Cloud's Notifications API over one or more channels' sockets.
///
/// Each event gets a local number here. Signs of life (heartbeats, pongs, notices) are Heartbeat
/// frames; what a notice said is asked for with `take_notice` after each message. An error in the
/// place of events (`{"result":"404",…}`) is a Refusal: the channel is of no use any more.
class Notifications : public Protocol {
 public:
  /// `numbers` outlives this.
  explicit Notifications(LocalNumbers& numbers);
  ~Notifications() override;

  Frame decode(std::string_view message) override;
  /// Nothing is asked for over the socket: topics belong to the channel.
  std::string subscription(std::string_view id,
                           std::optional<SequenceNumber> position) const override;

  /// What the last message said of its channel.
  std::optional<Notice> take_notice();

  /// What a line that was delivered before is known by.
  struct LineIdentity {
    DurableHash hash;
    bool recovered = false;  ///< a record of a backfill
  };
  /// Empty where the line is neither an event nor a recovered record. As `decode` otherwise; it
  /// gives no number.
  std::optional<LineIdentity> identify(std::string_view line);

  /// Asks a silent socket for a sign of life.
  static constexpr std::string_view kPing = R"({"message":"ping"})";

 private:
  class Decoder;

  std::unique_ptr<Decoder> decoder_;
};

}  // namespace gcstreamd
