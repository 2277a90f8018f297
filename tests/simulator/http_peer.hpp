// A connection while it speaks HTTP: TLS, requests, and the upgrade into an EventStream.
//
// Ownership and threads: as all connections, see connection.hpp.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "simulator/connection.hpp"

namespace gcstream_sim {

void start_http_peer(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls,
                     ConnectionHost& host);

}  // namespace gcstream_sim
