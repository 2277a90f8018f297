#include "gcstreamd/app/starting_point.hpp"

#include <algorithm>

namespace gcstreamd {
namespace {

using Loaded = PositionKeeper::Loaded;
using Wish = SavedPosition::Wish;

std::string_view cause_of_move(Loaded loaded) {
  switch (loaded) {
    case Loaded::foreign:
      return "other_org_or_endpoint";
    case Loaded::damaged:
      return "saved_position_damaged";
    case Loaded::found:
    case Loaded::previous:
    case Loaded::absent:
    case Loaded::unreadable:
      break;
  }
  return {};
}

StartingPoint resume(const SavedPosition& saved, const StreamConfig& config) {
  StartingPoint start;
  start.place = saved.place;
  if (saved.wish != Wish::tip)
    start.resume_after = saved.place.number;
  if (saved.wish == Wish::none) {
    start.timestamp = saved.timestamp;
    start.other_filter = !saved.filter.empty() && saved.filter != filter_of(config);
  }
  return start;
}

}  // namespace

StartingPoint starting_point(Loaded loaded, const SavedPosition& saved,
                             const StreamConfig& config) {
  const bool has_place = saved.place.number != kNoNumber || saved.wish != Wish::none;
  const bool usable = loaded == Loaded::found || loaded == Loaded::previous;
  if (usable && has_place)
    return resume(saved, config);
  StartingPoint start;
  start.place = {saved.place.epoch + 1, config.start_at.value_or(kNoNumber)};
  start.resume_after = config.start_at;
  start.moved_cause = cause_of_move(loaded);
  start.trust_tails = loaded == Loaded::damaged;
  return start;
}

const std::string& endpoint_of(const StreamConfig& config) {
  return config.protocol == ProtocolKind::notifications ? config.endpoints.api_url
                                                        : config.endpoints.stream_url;
}

std::vector<std::string> filter_of(const StreamConfig& config) {
  std::vector<std::string> filter = config.event_types;
  std::sort(filter.begin(), filter.end());
  return filter;
}

}  // namespace gcstreamd
