#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <string>

#include "gcstreamd/core/listen_address.hpp"

namespace gcstreamd {

struct AdminAnswer {
  int status = 0;
  std::string body;
};

/// Asks a daemon's own HTTP for `target` and waits for the whole answer, `limit` at most. For a
/// command: nothing may run beside it. Where the daemon listens on all addresses, loopback is
/// asked.
boost::system::result<AdminAnswer> ask_admin(const ListenAddress& address,
                                             const std::string& target,
                                             std::chrono::milliseconds limit);

}  // namespace gcstreamd
