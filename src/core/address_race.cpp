#include "gcstreamd/core/address_race.hpp"

#include <algorithm>
#include <cerrno>

namespace gcstreamd {
namespace {

/// Says something of this machine's network, not of the host.
bool is_missing_route(int error) {
  return error == ENETUNREACH || error == EHOSTUNREACH || error == ENETDOWN ||
         error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
}

}  // namespace

AddressRace::AddressRace(const std::vector<Family>& addresses) {
  std::vector<std::size_t> first;  // of the family that the resolver prefers
  std::vector<std::size_t> second;
  for (std::size_t i = 0; i < addresses.size(); ++i)
    (addresses[i] == addresses[0] ? first : second).push_back(i);
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size())
      order_.push_back(first[i]);
    if (i < second.size())
      order_.push_back(second[i]);
  }
  order_.resize(std::min(order_.size(), kMost));
}

AddressRace::Move AddressRace::begin(SteadyTime now) {
  return next(now);
}

AddressRace::Move AddressRace::on_delay(SteadyTime now) {
  return next(now);
}

AddressRace::Move AddressRace::on_failure(int error, SteadyTime now) {
  ++failed_;
  if (error_ == 0 || (is_missing_route(error_) && !is_missing_route(error)))
    error_ = error;
  return next(now);
}

AddressRace::Move AddressRace::next(SteadyTime now) {
  Move move;
  if (begun_ < order_.size())
    move.connect = order_[begun_++];
  if (begun_ < order_.size())
    move.look_again = now + kDelay;
  move.lost = !move.connect && failed_ == begun_;
  return move;
}

}  // namespace gcstreamd
