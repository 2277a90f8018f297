#include "simulator/tls_contexts.hpp"

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <stdexcept>
#include <utility>

namespace gcstream_sim {
namespace {

namespace ssl = boost::asio::ssl;

constexpr std::chrono::hours kDay{24};

void require(bool ok, const char* what) {
  if (!ok) {
    throw std::runtime_error(std::string("TLS fault: OpenSSL refuses ") + what);
  }
}

void offer_only_tls_1_1(SSL_CTX* context) {
  require(SSL_CTX_set_min_proto_version(context, TLS1_1_VERSION) == 1 &&
              SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION) == 1 &&
              SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0") == 1,
          "TLS 1.1");
}

// Ciphers that no client offers unless it is told to.
void offer_rare_ciphers(SSL_CTX* context) {
  require(SSL_CTX_set_cipher_list(context, "AECDH-AES128-SHA:@SECLEVEL=0") == 1 &&
              SSL_CTX_set_ciphersuites(context, "TLS_AES_128_CCM_8_SHA256") == 1,
          "rare ciphers");
}

void demand_client_certificate(ssl::context& context) {
  context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  context.set_verify_callback([](bool, ssl::verify_context&) { return true; });
}

ssl::context make_context(const PemPair& identity) {
  ssl::context context(ssl::context::tls_server);
  context.set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 |
                      ssl::context::no_tlsv1_1);
  context.use_certificate_chain(boost::asio::buffer(identity.certificate));
  context.use_private_key(boost::asio::buffer(identity.key), ssl::context::pem);
  return context;
}

}  // namespace

TlsContexts::TlsContexts(PemPair identity, std::optional<CertificateAuthority> authority)
    : identity_(std::move(identity)), authority_(std::move(authority)) {
  context_for({});
}

const CertificateAuthority& TlsContexts::authority() {
  return authority_ ? *authority_ : authority_.emplace();
}

PemPair TlsContexts::identity_for(const std::string& fault) {
  CertificateRequest request;
  if (fault == "expired") {
    request.not_before = -2 * kDay;
    request.not_after = -kDay;
    return authority().issue(request);
  }
  if (fault == "not-yet-valid") {
    request.not_before = kDay;
    return authority().issue(request);
  }
  if (fault == "wrong-host") {
    request.dns_names = {"elsewhere.example"};
    request.addresses = {};
    return authority().issue(request);
  }
  if (fault == "self-signed") {
    return self_signed(request);
  }
  return fault == "unknown-ca" ? CertificateAuthority().issue(request) : identity_;
}

ssl::context& TlsContexts::context_for(const std::string& fault) {
  if (const auto known = contexts_.find(fault); known != contexts_.end()) {
    return known->second;
  }
  ssl::context context = make_context(identity_for(fault));
  if (fault == "tls1.1") {
    context.clear_options(ssl::context::no_tlsv1_1);
    offer_only_tls_1_1(context.native_handle());
  } else if (fault == "no-cipher") {
    offer_rare_ciphers(context.native_handle());
  } else if (fault == "client-certificate") {
    demand_client_certificate(context);
  }
  return contexts_.emplace(fault, std::move(context)).first->second;
}

}  // namespace gcstream_sim
