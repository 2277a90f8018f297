#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// A place in a stream: the server's numbers begin anew with each epoch.
struct Place {
  std::uint64_t epoch = 0;
  SequenceNumber number = kNoNumber;
  auto operator<=>(const Place&) const = default;
};

/// The last record of an audit chain: its number and hash.
struct ChainHead {
  std::uint64_t n = 0;
  std::string hash = std::string(64, '0');
  bool operator==(const ChainHead&) const = default;
};

/// How far a file holds its stream.
struct Mark {
  Place place;
  ChainHead head;
  std::uint64_t offset = 0;        ///< bytes of the file
  std::uint64_t events = 0;        ///< taken since the sink was made
  std::uint64_t record_bytes = 0;  ///< likewise, of records that are no events
};

}  // namespace gcstreamd
