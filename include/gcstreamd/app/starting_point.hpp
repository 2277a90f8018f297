#pragma once

#include "gcstreamd/app/position_keeper.hpp"
#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// Where a stream goes on when it is opened.
struct StartingPoint {
  Place place;                                 ///< that the sinks begin at
  std::optional<SequenceNumber> resume_after;  ///< empty: from the tip
  std::optional<WallTime> timestamp;           ///< of the last delivered event, where it is known
  bool other_filter = false;     ///< the numbers counted other event types: a new epoch begins
  bool trust_tails = false;      ///< nothing but the sinks' files can tell where to go on
  std::string_view moved_cause;  ///< not empty: a saved position is not used, and why
};

/// `saved` as the keeper loaded it; `loaded` is not `unreadable`.
StartingPoint starting_point(PositionKeeper::Loaded loaded, const SavedPosition& saved,
                             const StreamConfig& config);

/// What a saved position belongs to besides the org: the URL that numbers come from.
const std::string& endpoint_of(const StreamConfig& config);

/// The event types in an order of their own, so that two lists of the same ones compare equal.
std::vector<std::string> filter_of(const StreamConfig& config);

}  // namespace gcstreamd
