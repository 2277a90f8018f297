#include "simulator/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>

namespace gcstream_sim {
namespace {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr long kVersion3 = 2;
constexpr int kSerialBits = 127;
constexpr std::chrono::seconds kAuthorityNotBefore{-86400 * 30};
constexpr std::chrono::seconds kAuthorityNotAfter{86400 * 365};

void require(bool ok, const char* what) {
  if (ok) {
    return;
  }
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  throw std::runtime_error(std::string("certificate: ") + what + ": " + text.data());
}

Key make_key() {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free);
  require(key != nullptr, "making a key");
  return key;
}

template <typename Write>
std::string to_pem(Write write) {
  Bio bio(BIO_new(BIO_s_mem()), BIO_free);
  require(bio != nullptr && write(bio.get()) == 1, "writing PEM");
  std::string text;
  std::array<char, 1024> chunk{};
  for (int size = 0; (size = BIO_read(bio.get(), chunk.data(), chunk.size())) > 0;) {
    text.append(chunk.data(), static_cast<std::size_t>(size));
  }
  return text;
}

std::string certificate_to_pem(X509* certificate) {
  return to_pem([certificate](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string key_to_pem(EVP_PKEY* key) {
  return to_pem([key](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

void set_serial(X509* certificate) {
  std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_new(), BN_free);
  require(number != nullptr &&
              BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr,
          "setting the serial number");
}

void set_validity(X509* certificate, std::chrono::seconds from, std::chrono::seconds to) {
  require(X509_gmtime_adj(X509_getm_notBefore(certificate), from.count()) != nullptr &&
              X509_gmtime_adj(X509_getm_notAfter(certificate), to.count()) != nullptr,
          "setting the validity");
}

void set_common_name(X509* certificate, const std::string& name) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(name.data());
  require(
      X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8,
                                 bytes, static_cast<int>(name.size()), -1, 0) == 1,
      "setting the common name");
}

void add_extension(X509* issuer, X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_nconf_nid(nullptr, &context, nid, value.c_str()), X509_EXTENSION_free);
  require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1,
          value.c_str());
}

Certificate make_blank(const std::string& common_name, EVP_PKEY* key) {
  Certificate certificate(X509_new(), X509_free);
  require(certificate != nullptr && X509_set_version(certificate.get(), kVersion3) == 1 &&
              X509_set_pubkey(certificate.get(), key) == 1,
          "making a certificate");
  set_serial(certificate.get());
  set_common_name(certificate.get(), common_name);
  return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
              X509_sign(certificate, issuer_key, EVP_sha256()) > 0,
          "signing");
}

std::string alternative_names(const CertificateRequest& request) {
  std::string names;
  const auto add = [&names](const char* kind, const std::string& value) {
    names.append(names.empty() ? "" : ",").append(kind).append(value);
  };
  for (const std::string& name : request.dns_names) {
    add("DNS:", name);
  }
  for (const std::string& address : request.addresses) {
    add("IP:", address);
  }
  return names;
}

void add_leaf_extensions(X509* issuer, X509* leaf, const CertificateRequest& request) {
  add_extension(issuer, leaf, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(issuer, leaf, NID_key_usage, "critical,digitalSignature");
  add_extension(issuer, leaf, NID_ext_key_usage, "serverAuth");
  add_extension(issuer, leaf, NID_subject_key_identifier, "hash");
  add_extension(issuer, leaf, NID_authority_key_identifier, "keyid:always");
  if (const std::string names = alternative_names(request); !names.empty()) {
    add_extension(issuer, leaf, NID_subject_alt_name, names);
  }
}

}  // namespace

PemPair self_signed(const CertificateRequest& request) {
  const Key key = make_key();
  const Certificate leaf = make_blank(request.common_name, key.get());
  set_validity(leaf.get(), request.not_before, request.not_after);
  add_leaf_extensions(leaf.get(), leaf.get(), request);
  sign(leaf.get(), leaf.get(), key.get());
  return {certificate_to_pem(leaf.get()), key_to_pem(key.get())};
}

CertificateAuthority::CertificateAuthority()
    : key_(make_key()), certificate_(make_blank("gcstream-sim throwaway CA", key_.get())) {
  X509* own = certificate_.get();
  set_validity(own, kAuthorityNotBefore, kAuthorityNotAfter);
  add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(own, own, NID_subject_key_identifier, "hash");
  add_extension(own, own, NID_authority_key_identifier, "keyid:always");
  sign(own, own, key_.get());
}

std::string CertificateAuthority::certificate_pem() const {
  return certificate_to_pem(certificate_.get());
}

PemPair CertificateAuthority::issue(const CertificateRequest& request) const {
  const Key key = make_key();
  const Certificate leaf = make_blank(request.common_name, key.get());
  set_validity(leaf.get(), request.not_before, request.not_after);
  add_leaf_extensions(certificate_.get(), leaf.get(), request);
  sign(leaf.get(), certificate_.get(), key_.get());
  return {certificate_to_pem(leaf.get()), key_to_pem(key.get())};
}

}  // namespace gcstream_sim
