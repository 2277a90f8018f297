#include "support/identity.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace gcstreamd::testing {
namespace {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

constexpr long kDay = 86400;

void require(bool ok, const char* what) {
  if (!ok) {
    throw std::runtime_error(std::string("cannot make a certificate: ") + what);
  }
}

Key make_key(Flaw flaw) {
  Key key(flaw == Flaw::small_key ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1024})
                                  : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"),
          EVP_PKEY_free);
  require(key != nullptr, "key");
  return key;
}

template <class Write>
std::string to_pem(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
  require(bio && write(bio.get()) == 1, "PEM");
  std::string text;
  std::array<char, 1024> chunk{};
  for (int size = 0; (size = BIO_read(bio.get(), chunk.data(), chunk.size())) > 0;) {
    text.append(chunk.data(), static_cast<std::size_t>(size));
  }
  return text;
}

std::string to_pem(X509* certificate) {
  return to_pem([certificate](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string to_pem(EVP_PKEY* key) {
  return to_pem([key](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

void extend(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_nconf_nid(nullptr, &context, nid, value), X509_EXTENSION_free);
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value);
}

Certificate make_blank(const char* name, EVP_PKEY* key, long from, long to) {
  Certificate certificate(X509_new(), X509_free);
  require(certificate != nullptr, name);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1 + from % 1000 + to % 1000);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to);
  const auto* text = reinterpret_cast<const unsigned char*>(name);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8, text,
                             -1, -1, 0);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* key, Flaw flaw) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  const EVP_MD* digest = flaw == Flaw::weak_digest ? EVP_sha1() : EVP_sha256();
  require(X509_sign(certificate, key, digest) > 0, "signature");
}

Certificate make_server(EVP_PKEY* key, X509* issuer, Flaw flaw) {
  const long from = flaw == Flaw::not_yet_valid ? kDay : -2 * kDay;
  const long to = flaw == Flaw::expired ? -kDay : 2 * kDay;
  Certificate server = make_blank("server", key, from, to);
  X509* context = issuer != nullptr ? issuer : server.get();
  extend(server.get(), context, NID_basic_constraints, "critical,CA:FALSE");
  extend(server.get(), context, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  extend(server.get(), context, NID_ext_key_usage,
         flaw == Flaw::wrong_purpose ? "clientAuth" : "serverAuth");
  return server;
}

Certificate make_authority(EVP_PKEY* key, long from, long to) {
  Certificate authority = make_blank("authority", key, from, to);
  extend(authority.get(), authority.get(), NID_basic_constraints, "critical,CA:TRUE");
  sign(authority.get(), authority.get(), key, Flaw::none);
  return authority;
}

}  // namespace

Identity make_identity(Flaw flaw) {
  const Key key = make_key(flaw);
  if (flaw == Flaw::self_signed) {
    const Certificate own = make_server(key.get(), nullptr, flaw);
    sign(own.get(), own.get(), key.get(), flaw);
    const std::string unrelated = make_identity(Flaw::none).authority;
    return {to_pem(own.get()), to_pem(key.get()), unrelated, {}};
  }
  const Key authority_key = make_key(Flaw::none);
  const Certificate authority = make_authority(authority_key.get(), -9 * kDay, 9 * kDay);
  const Certificate server = make_server(key.get(), authority.get(), flaw);
  sign(server.get(), authority.get(), authority_key.get(), flaw);
  Identity identity{to_pem(server.get()), to_pem(key.get()), to_pem(authority.get()), {}};
  if (flaw == Flaw::renewed_authority) {
    identity.expired_authority =
        to_pem(make_authority(authority_key.get(), -99 * kDay, -kDay).get());
  }
  return identity;
}

}  // namespace gcstreamd::testing
