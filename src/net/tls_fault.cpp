#include "gcstreamd/net/tls_fault.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

namespace gcstreamd {
namespace {

namespace asio = boost::asio;

int reason_of(const boost::system::error_code& error) {
  return ERR_GET_REASON(static_cast<unsigned long>(error.value()));
}

/// OpenSSL's own words for the error, without the library's name.
std::string reason_words(const boost::system::error_code& error) {
  const char* reason = ERR_reason_error_string(static_cast<unsigned long>(error.value()));
  return reason ? reason : error.message();
}

std::string_view words(TlsProblem problem) {
  switch (problem) {
    case TlsProblem::client_certificate:
      return "the server wants a client certificate that it takes";
    case TlsProblem::protocol_version:
      return "the server speaks no TLS version that is allowed here";
    case TlsProblem::no_shared_cipher:
      return "server and client have no TLS cipher in common";
    case TlsProblem::not_tls:
      return "the server does not speak TLS";
    case TlsProblem::weak:
      return "the server's key is too weak";
    case TlsProblem::wrong_host:
      return "the server does not know the host's name";
    default:
      return "TLS failed";
  }
}

}  // namespace

TlsProblem problem_of_verdict(long verdict) {
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return TlsProblem::certificate_expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return TlsProblem::not_yet_valid;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return TlsProblem::wrong_host;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return TlsProblem::self_signed;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return TlsProblem::unknown_issuer;
    case X509_V_ERR_INVALID_PURPOSE:
      return TlsProblem::wrong_purpose;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return TlsProblem::weak;
    case X509_V_ERR_CERT_REVOKED:
      return TlsProblem::revoked;
    default:
      return TlsProblem::untrusted;
  }
}

TlsProblem problem_of_reason(int reason, bool certificate_wanted) {
  switch (reason) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_NO_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
      return TlsProblem::client_certificate;
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
      return certificate_wanted ? TlsProblem::client_certificate : TlsProblem::no_shared_cipher;
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
    case SSL_R_NO_CIPHERS_AVAILABLE:
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_WRONG_SIGNATURE_TYPE:
      return TlsProblem::no_shared_cipher;
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_VERSION_TOO_LOW:
      return TlsProblem::protocol_version;
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
      return TlsProblem::not_tls;
    case SSL_R_DH_KEY_TOO_SMALL:
    case SSL_R_EE_KEY_TOO_SMALL:
    case SSL_R_CA_KEY_TOO_SMALL:
    case SSL_R_CA_MD_TOO_WEAK:
      return TlsProblem::weak;
    case SSL_R_TLSV1_UNRECOGNIZED_NAME:
      return TlsProblem::wrong_host;
    default:
      return TlsProblem::other;
  }
}

Fault certificate_fault(long verdict, const std::string& host) {
  const TlsProblem problem = problem_of_verdict(verdict);
  if (problem == TlsProblem::wrong_host)
    return {Stage::tls, problem, fmt::format("the server's certificate is not for {}", host)};
  return {Stage::tls, problem,
          fmt::format("the certificate of {} is not trusted: {}", host,
                      X509_verify_cert_error_string(verdict))};
}

Fault tls_fault(Stage stage, const boost::system::error_code& error, bool certificate_wanted) {
  TlsProblem problem = problem_of_reason(reason_of(error), certificate_wanted);
  // Who has shaken hands speaks TLS: bytes on the way were changed.
  if (problem == TlsProblem::not_tls && stage != Stage::tls)
    problem = TlsProblem::other;
  const bool of_handshake = problem != TlsProblem::other && problem != TlsProblem::not_tls;
  return {of_handshake ? Stage::tls : stage, problem,
          fmt::format("{}: {}", words(problem), reason_words(error))};
}

bool is_tls_error(const boost::system::error_code& error) {
  return error.category() == asio::error::get_ssl_category();
}

bool is_hang_up(const boost::system::error_code& error) {
  return error == asio::error::eof || error.category() == asio::ssl::error::get_stream_category() ||
         error == asio::error::connection_reset || error == asio::error::broken_pipe;
}

}  // namespace gcstreamd
