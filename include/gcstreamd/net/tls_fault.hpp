#pragma once

#include <boost/system/error_code.hpp>
#include <string>

#include "gcstreamd/core/errors.hpp"

namespace gcstreamd {

/// What OpenSSL's verify result (`X509_V_ERR_…`) means.
TlsProblem problem_of_verdict(long verdict);

/// What OpenSSL's reason code (`SSL_R_…`, alerts of the server among them) means.
/// `certificate_wanted`: the server asked for a client certificate, whose lack old protocols tell
/// by the same alert as that of a cipher.
TlsProblem problem_of_reason(int reason, bool certificate_wanted);

/// The certificate of `host` did not pass.
Fault certificate_fault(long verdict, const std::string& host);

/// The fault behind a TLS error on a connection: of stage tls where it belongs to the handshake,
/// also when the server's alert came after it, else of `stage`.
Fault tls_fault(Stage stage, const boost::system::error_code& error, bool certificate_wanted);

/// Whether TLS itself reports the error, and not the system.
bool is_tls_error(const boost::system::error_code& error);
/// Whether the peer ended the connection.
bool is_hang_up(const boost::system::error_code& error);

}  // namespace gcstreamd
