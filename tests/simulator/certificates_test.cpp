#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>
#include <string>

#include "simulator/certificates.hpp"

namespace gcstream_sim {
namespace {

using std::chrono::seconds;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate read_certificate(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  return {PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free};
}

// OpenSSL's verdict on a server certificate, as the strictest client would ask for it.
int verdict(const CertificateAuthority& authority, const PemPair& pair, const char* host,
            const char* address) {
  const Certificate root = read_certificate(authority.certificate_pem());
  const Certificate leaf = read_certificate(pair.certificate);
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(),
                                                                      X509_STORE_free);
  X509_STORE_add_cert(store.get(), root.get());
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(
      X509_STORE_CTX_new(), X509_STORE_CTX_free);
  X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_auth_level(parameters, 2);
  if (host != nullptr) {
    X509_VERIFY_PARAM_set1_host(parameters, host, 0);
  }
  if (address != nullptr) {
    X509_VERIFY_PARAM_set1_ip_asc(parameters, address);
  }
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

TEST(Certificates, a_strict_client_accepts_them) {
  const CertificateAuthority authority;
  const PemPair pair = authority.issue({});
  EXPECT_EQ(verdict(authority, pair, "localhost", nullptr), X509_V_OK);
  EXPECT_EQ(verdict(authority, pair, nullptr, "127.0.0.1"), X509_V_OK);
  EXPECT_EQ(verdict(authority, pair, nullptr, "::1"), X509_V_OK);
}

TEST(Certificates, another_name_authority_or_time_is_refused) {
  const CertificateAuthority authority;
  const PemPair pair = authority.issue({});
  EXPECT_EQ(verdict(authority, pair, "example.com", nullptr), X509_V_ERR_HOSTNAME_MISMATCH);
  EXPECT_NE(verdict(CertificateAuthority(), pair, "localhost", nullptr), X509_V_OK);
  CertificateRequest expired;
  expired.not_after = seconds(-60);
  EXPECT_EQ(verdict(authority, authority.issue(expired), "localhost", nullptr),
            X509_V_ERR_CERT_HAS_EXPIRED);
  CertificateRequest early;
  early.not_before = seconds(3600);
  EXPECT_EQ(verdict(authority, authority.issue(early), "localhost", nullptr),
            X509_V_ERR_CERT_NOT_YET_VALID);
}

}  // namespace
}  // namespace gcstream_sim
