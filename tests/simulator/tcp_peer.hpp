// A connection that goes wrong before TLS is up.
//
// Ownership and threads: as all connections, see connection.hpp.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string_view>

#include "simulator/connection.hpp"

namespace gcstream_sim {

// Whether `fault`, one of the words of the step `tls`, happens below TLS.
bool plays_on_tcp(std::string_view fault);
void start_tcp_peer(boost::asio::ip::tcp::socket socket, std::string_view fault,
                    ConnectionHost& host);

}  // namespace gcstream_sim
