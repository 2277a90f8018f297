#include "admin_endpoint.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

namespace gcstreamd {

namespace asio = boost::asio;

asio::generic::stream_protocol::endpoint endpoint_of(const ListenAddress& address) {
  if (!address.path.empty())
    return asio::local::stream_protocol::endpoint(address.path);
  return asio::ip::tcp::endpoint(asio::ip::make_address(address.host),
                                 static_cast<asio::ip::port_type>(address.port));
}

}  // namespace gcstreamd
