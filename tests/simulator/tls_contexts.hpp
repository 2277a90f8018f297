// The server's TLS context, and one for each fault that a handshake can have.
//
// Ownership: owns the contexts, made when they are first asked for; they must outlive the
// connections that use them. Throws boost::system::system_error or std::runtime_error when OpenSSL
// refuses. For one thread at a time.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <map>
#include <optional>
#include <string>

#include "simulator/certificates.hpp"

namespace gcstream_sim {

class TlsContexts {
 public:
  TlsContexts(PemPair identity, std::optional<CertificateAuthority> authority);

  // `fault`: a word of the step `tls`, or empty for none.
  boost::asio::ssl::context& context_for(const std::string& fault);

 private:
  PemPair identity_for(const std::string& fault);
  const CertificateAuthority& authority();

  PemPair identity_;
  std::optional<CertificateAuthority> authority_;
  std::map<std::string, boost::asio::ssl::context> contexts_;
};

}  // namespace gcstream_sim
