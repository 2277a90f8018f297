#pragma once

#include <memory>

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/errors.hpp"

namespace boost::asio::ssl {
class context;
}

namespace gcstreamd {

/// The client side's TLS settings: versions, trust, client certificate. Peer and host name are
/// always verified; nothing turns that off. Shared by the connections that were made from it.
using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

/// Builds a context; a CA or certificate file that cannot be used is a fault of stage tls.
Outcome<TlsContext> make_tls_context(const TlsConfig& config);

}  // namespace gcstreamd
