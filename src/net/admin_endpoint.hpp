#pragma once

#include <boost/asio/generic/stream_protocol.hpp>

#include "gcstreamd/core/listen_address.hpp"

namespace gcstreamd {

boost::asio::generic::stream_protocol::endpoint endpoint_of(const ListenAddress& address);

}  // namespace gcstreamd
