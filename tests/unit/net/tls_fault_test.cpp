#include "gcstreamd/net/tls_fault.hpp"

#include <gmock/gmock.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

namespace gcstreamd {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;
using enum TlsProblem;

boost::system::error_code tls_error(int reason) {
  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, nullptr);  // for its words
  return {static_cast<int>(ERR_PACK(ERR_LIB_SSL, 0, reason)), asio::error::get_ssl_category()};
}

TEST(ProblemOfVerdict, IsNamedForWhatAPersonCanMend) {
  const std::vector<std::pair<long, TlsProblem>> verdicts{
      {X509_V_ERR_CERT_HAS_EXPIRED, certificate_expired},
      {X509_V_ERR_CERT_NOT_YET_VALID, not_yet_valid},
      {X509_V_ERR_HOSTNAME_MISMATCH, wrong_host},
      {X509_V_ERR_IP_ADDRESS_MISMATCH, wrong_host},
      {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, self_signed},
      {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, unknown_issuer},
      {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, unknown_issuer},
      {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, unknown_issuer},
      {X509_V_ERR_INVALID_PURPOSE, wrong_purpose},
      {X509_V_ERR_EE_KEY_TOO_SMALL, weak},
      {X509_V_ERR_CA_MD_TOO_WEAK, weak},
      {X509_V_ERR_CERT_REVOKED, revoked},
      {X509_V_ERR_CERT_SIGNATURE_FAILURE, untrusted},
      {X509_V_ERR_CERT_CHAIN_TOO_LONG, untrusted}};
  for (const auto& [verdict, problem] : verdicts)
    EXPECT_EQ(problem_of_verdict(verdict), problem) << X509_verify_cert_error_string(verdict);
}

TEST(ProblemOfReason, AlertsAboutCertificatesAreAboutOurs) {
  for (const int reason : {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, SSL_R_TLSV1_ALERT_UNKNOWN_CA,
                           SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, SSL_R_TLSV1_ALERT_ACCESS_DENIED})
    EXPECT_EQ(problem_of_reason(reason, false), client_certificate) << reason;
}

TEST(ProblemOfReason, AHandshakeFailureIsTheCertificateWhereOneWasAskedFor) {
  EXPECT_EQ(problem_of_reason(SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, true), client_certificate);
  EXPECT_EQ(problem_of_reason(SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, false), no_shared_cipher);
}

TEST(ProblemOfReason, VersionsKeysAndWhatIsNotTls) {
  EXPECT_EQ(problem_of_reason(SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, false), protocol_version);
  EXPECT_EQ(problem_of_reason(SSL_R_UNSUPPORTED_PROTOCOL, false), protocol_version);
  EXPECT_EQ(problem_of_reason(SSL_R_WRONG_VERSION_NUMBER, false), not_tls);
  EXPECT_EQ(problem_of_reason(SSL_R_DH_KEY_TOO_SMALL, false), weak);
  EXPECT_EQ(problem_of_reason(SSL_R_TLSV1_UNRECOGNIZED_NAME, false), wrong_host);
  EXPECT_EQ(problem_of_reason(SSL_R_TLSV1_ALERT_INTERNAL_ERROR, false), other);
  EXPECT_EQ(problem_of_reason(0, false), other);
}

TEST(CertificateFault, NamesTheHost) {
  const Fault fault = certificate_fault(X509_V_ERR_HOSTNAME_MISMATCH, "api.example");
  EXPECT_EQ(fault.what, "the server's certificate is not for api.example");
  EXPECT_EQ(cause_of(fault), "tls_wrong_host");
  EXPECT_THAT(certificate_fault(X509_V_ERR_CERT_HAS_EXPIRED, "api.example").what,
              HasSubstr("expired"));
}

TEST(TlsFault, AnAlertAfterTheHandshakeIsStillTheHandshakes) {
  const Fault fault =
      tls_fault(Stage::upgrade, tls_error(SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED), true);
  EXPECT_EQ(fault.stage, Stage::tls);
  EXPECT_THAT(hint(fault), HasSubstr("tls.client_cert_file"));
}

TEST(TlsFault, OthersBelongToTheStageWhereTheyCame) {
  const Fault fault =
      tls_fault(Stage::stream, tls_error(SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC), false);
  EXPECT_EQ(fault.stage, Stage::stream);
  EXPECT_THAT(fault.what, HasSubstr("bad record mac"));
}

TEST(TlsFault, WhoHasShakenHandsSpeaksTls) {
  for (const int reason : {SSL_R_WRONG_VERSION_NUMBER, SSL_R_PACKET_LENGTH_TOO_LONG}) {
    EXPECT_EQ(cause_of(tls_fault(Stage::tls, tls_error(reason), false)), "tls_not_tls") << reason;
    const Fault fault = tls_fault(Stage::stream, tls_error(reason), false);
    EXPECT_EQ(cause_of(fault), "tls") << reason;
    EXPECT_THAT(hint(fault), HasSubstr("proxies on the way")) << reason;
  }
}

TEST(TlsFault, KnowsTlsErrorsFromHangUps) {
  EXPECT_TRUE(is_tls_error(tls_error(SSL_R_WRONG_VERSION_NUMBER)));
  EXPECT_FALSE(is_tls_error(asio::error::eof));
  EXPECT_TRUE(is_hang_up(asio::error::eof));
  EXPECT_TRUE(is_hang_up(asio::error::connection_reset));
  EXPECT_TRUE(is_hang_up(asio::ssl::error::stream_truncated));
  EXPECT_FALSE(is_hang_up(asio::error::operation_aborted));
  EXPECT_FALSE(is_hang_up(boost::system::error_code{}));
}

}  // namespace
}  // namespace gcstreamd
