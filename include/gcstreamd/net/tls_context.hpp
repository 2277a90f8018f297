#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/errors.hpp"

namespace boost::asio::ssl {
class context;
}

namespace gcstreamd {

/// The client side's TLS settings: versions, trust, client certificate. Peer and host name are
/// always verified; nothing turns that off. Shared by the connections that were made from it.
using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

/// Builds a context. A CA or certificate file that cannot be used is a fault of stage tls; the
/// system's store is read when a server's issuer is looked for.
Outcome<TlsContext> make_tls_context(const TlsConfig& config);

/// Keeps the context for the next attempts, until its settings or the files behind them change.
class TlsContexts {
 public:
  Outcome<TlsContext> get(const TlsConfig& config);

  /// Tells one state of a file from another.
  struct Stamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = -1;
    std::int64_t modified_ns = 0;
    bool operator==(const Stamp&) const = default;
  };

 private:
  TlsConfig config_;
  std::vector<Stamp> stamps_;
  TlsContext context_;
};

}  // namespace gcstreamd
