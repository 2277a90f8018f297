#pragma once

#include "gcstreamd/net/dialer.hpp"
#include "transport.hpp"

namespace gcstreamd {

/// What TLS says about an exchange that the peer ended: an alert may wait to be read when writing
/// failed already. The error itself where it says nothing. Waits for nothing, and is the last thing
/// to be done with the transport.
boost::system::error_code reason_behind(Transport& transport, boost::system::error_code error);

/// The fault that ended a request and its answer at the guard's stage.
Fault exchange_fault(const StageGuard& guard, const Transport& transport,
                     const boost::system::error_code& error);

}  // namespace gcstreamd
