#include "gcstreamd/net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <boost/asio/ssl/context.hpp>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <utility>

namespace gcstreamd {
namespace {

namespace ssl = boost::asio::ssl;

Fault cannot_use(const char* what, const std::string& path,
                 const boost::system::error_code& error) {
  return {Stage::tls, TlsProblem::local_file,
          std::string(what) + " " + path + " cannot be used: " + error.message()};
}

Outcome<TlsContext> use_client_certificate(TlsContext context, const TlsConfig& config) {
  boost::system::error_code error;
  context->use_certificate_chain_file(config.client_cert_file, error);
  if (error)
    return cannot_use("tls.client_cert_file", config.client_cert_file, error);
  context->use_private_key_file(config.client_key_file, ssl::context::pem, error);
  if (error)
    return cannot_use("tls.client_key_file", config.client_key_file, error);
  return context;
}

TlsContexts::Stamp stamp_of(const char* path) {
  constexpr std::int64_t kNanoseconds = 1000000000;
  struct stat status {};
  if (::stat(path, &status) != 0)
    return {};
  return {status.st_dev, status.st_ino, status.st_size,
          status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec};
}

const char* variable_or(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value ? value : fallback;
}

/// Of a store's directory and of all that its links lead to.
void add_stamps_in(const std::string& directory, std::vector<TlsContexts::Stamp>& stamps) {
  stamps.push_back(stamp_of(directory.c_str()));
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error))
    stamps.push_back(stamp_of(entry->path().c_str()));
}

/// Of every file that a context is made from, and of the store's directories: OpenSSL keeps what it
/// found there, also when it is gone.
std::vector<TlsContexts::Stamp> stamps_for(const TlsConfig& config) {
  std::vector<TlsContexts::Stamp> stamps{
      stamp_of(variable_or(X509_get_default_cert_file_env(), X509_get_default_cert_file())),
      stamp_of(config.ca_file.c_str()), stamp_of(config.client_cert_file.c_str()),
      stamp_of(config.client_key_file.c_str())};
  std::istringstream directories(
      variable_or(X509_get_default_cert_dir_env(), X509_get_default_cert_dir()));
  for (std::string one; std::getline(directories, one, ':');)
    add_stamps_in(one, stamps);
  return stamps;
}

/// A renewed authority has the name of its expired certificate, and may stand elsewhere.
bool usable(X509_STORE_CTX* chain, X509* certificate) {
  return X509_cmp_timeframe(X509_STORE_CTX_get0_param(chain), X509_get0_notBefore(certificate),
                            X509_get0_notAfter(certificate)) == 0;
}

/// The system's store as one file holds some 150 certificates, which take 20 ms and some megabytes:
/// they are read when no issuer that is valid today is found elsewhere.
int find_issuer(X509** issuer, X509_STORE_CTX* chain, X509* certificate) {
  X509_STORE* store = X509_STORE_CTX_get0_store(chain);
  const int found = X509_STORE_CTX_get1_issuer(issuer, chain, certificate);
  if (found < 0 || (found > 0 && usable(chain, *issuer)) ||
      X509_STORE_get_get_issuer(store) != find_issuer)
    return found;
  if (found > 0)
    X509_free(std::exchange(*issuer, nullptr));
  X509_STORE_set_get_issuer(store, X509_STORE_CTX_get1_issuer);  // once
  ERR_set_mark();                                                // a machine may have no such file
  X509_STORE_load_file(store,
                       variable_or(X509_get_default_cert_file_env(), X509_get_default_cert_file()));
  ERR_pop_to_mark();
  return X509_STORE_CTX_get1_issuer(issuer, chain, certificate);
}

void trust_system(SSL_CTX* context) {
  SSL_CTX_set_default_verify_dir(context);
  X509_STORE_set_get_issuer(SSL_CTX_get_cert_store(context), find_issuer);
}

}  // namespace

Outcome<TlsContext> TlsContexts::get(const TlsConfig& config) {
  auto stamps = stamps_for(config);
  if (context_ && config == config_ && stamps == stamps_)
    return context_;
  context_.reset();
  auto made = make_tls_context(config);
  if (!made)
    return made;
  config_ = config;
  stamps_ = std::move(stamps);
  context_ = *made;
  return made;
}

Outcome<TlsContext> make_tls_context(const TlsConfig& config) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native,
                                config.min_version == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_security_level(native, 2);
  SSL_CTX_set_purpose(native, X509_PURPOSE_SSL_SERVER);
  boost::system::error_code error;
  context->set_verify_mode(ssl::verify_peer, error);
  trust_system(native);
  if (!config.ca_file.empty())
    context->load_verify_file(config.ca_file, error);
  if (error)
    return cannot_use("tls.ca_file", config.ca_file, error);
  if (!config.client_cert_file.empty())
    return use_client_certificate(std::move(context), config);
  return context;
}

}  // namespace gcstreamd
