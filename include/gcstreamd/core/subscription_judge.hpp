#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// Judges what the end of a connection says about what was asked on it: whether the server refuses
/// the subscription, refuses or ignores the position, or whether the next event is one that ends
/// every connection. Owned by one stream; no clock, no I/O.
class SubscriptionJudge {
 public:
  /// A subscription was sent for what follows `position`, or from the tip.
  void subscribed(std::optional<SequenceNumber> position);

  /// What the server sent on this connection.
  void heard_new_event(bool numbered);
  void heard_duplicate(SequenceNumber number);
  /// A heartbeat, or anything else that is no event.
  void heard_other();

  /// How a connection ended.
  struct End {
    Fault fault;
    std::string_view reason;  ///< of the close frame
    bool by_client = false;
    bool at_once = true;                     ///< it did not live long enough to mean anything else
    std::optional<SequenceNumber> position;  ///< the last contiguous number by now
  };
  enum class Verdict {
    ordinary,  ///< nothing but a connection that ended
    refused,   ///< the subscription was refused: `refusal` says how
    stale,     ///< the position was refused or ignored kStaleAfter times in a row
    poison,    ///< the event behind the position ended the connection for the second time
  };
  Verdict ended(const End& end);
  /// A refusal came inside the stream.
  Verdict refused(int status);

  /// After `refused`: the close as the HTTP status that it stands for.
  int refused_status() const { return refused_status_; }

  static constexpr unsigned kStaleAfter = 3;
  /// How much a server may repeat before the position: as many as the largest buffer holds.
  static constexpr SequenceNumber kOverlap = 500;

 private:
  bool is_poison(const End& end);
  bool is_refusal(const End& end);
  Verdict count_stale();

  std::optional<SequenceNumber> asked_;
  bool heard_new_ = false;
  bool ignored_ = false;  ///< it began far below the position
  bool heard_other_ = false;
  int refused_status_ = 0;
  unsigned stale_ = 0;  ///< connections in a row that came to nothing because of the position
  std::optional<SequenceNumber> poisoned_at_;
};

}  // namespace gcstreamd
