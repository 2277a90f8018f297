#include "gcstreamd/net/tls_context.hpp"

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>

namespace gcstreamd {
namespace {

namespace ssl = boost::asio::ssl;

Fault cannot_use(const char* what, const std::string& path,
                 const boost::system::error_code& error) {
  return {Stage::tls, FaultKind::tls, 0,
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

}  // namespace

Outcome<TlsContext> make_tls_context(const TlsConfig& config) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native,
                                config.min_version == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_security_level(native, 2);
  boost::system::error_code error;
  context->set_verify_mode(ssl::verify_peer, error);
  context->set_default_verify_paths(error);
  if (!config.ca_file.empty())
    context->load_verify_file(config.ca_file, error);
  if (error)
    return cannot_use("tls.ca_file", config.ca_file, error);
  if (!config.client_cert_file.empty())
    return use_client_certificate(std::move(context), config);
  return context;
}

}  // namespace gcstreamd
