#include "support/peer.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <deque>
#include <stdexcept>

#include "simulator/certificates.hpp"
#include "support/listener.hpp"
#include "support/temp_dir.hpp"
#include "support/tls_connection.hpp"

namespace gcstreamd::testing {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

/// That a client shows a certificate is all that matters; the authority issues for servers only.
int accept_any(int, X509_STORE_CTX*) {
  return 1;
}

int refuse_any(int, X509_STORE_CTX* store) {
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

std::string trim(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
  const auto end = text.find_last_not_of(" \t");
  return std::string(text.substr(begin, end == text.npos ? 0 : end + 1 - begin));
}

void parse_header_line(std::string_view line, Headers& headers) {
  const auto colon = std::min(line.find(':'), line.size());
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  headers[name] = trim(line.substr(std::min(line.size(), colon + 1)));
}

}  // namespace

void parse_head(std::string_view head, std::string& method, std::string& target, Headers& headers) {
  std::string_view first = head.substr(0, head.find("\r\n"));
  method = first.substr(0, first.find(' '));
  first.remove_prefix(std::min(first.size(), method.size() + 1));
  target = first.substr(0, first.find(' '));
  for (auto at = head.find("\r\n"); at + 4 < head.size(); at = head.find("\r\n", at + 2)) {
    const auto line = head.substr(at + 2);
    parse_header_line(line.substr(0, line.find("\r\n")), headers);
  }
}

struct Peer::State {
  explicit State(const PeerOptions& options) : listener(options.listen_on, options.port) {}

  TempDir directory;
  gcstream_sim::CertificateAuthority authority;
  Context context;
  Listener listener;
  std::deque<int> tunnels;
};

namespace {

Identity identity_for(const PeerOptions& options, const gcstream_sim::CertificateAuthority& good) {
  if (options.flaw != Flaw::none) {
    return make_identity(options.flaw);
  }
  gcstream_sim::CertificateRequest request;
  request.dns_names = options.dns_names;
  request.addresses = options.addresses;
  const auto pair = good.issue(request);
  return {pair.certificate, pair.key, good.certificate_pem(), {}};
}

}  // namespace

Peer::Peer(const PeerOptions& options) : state_(std::make_unique<State>(options)) {
  std::signal(SIGPIPE, SIG_IGN);
  const Identity identity = identity_for(options, state_->authority);
  const auto certificate = state_->directory.write("server.pem", identity.certificate);
  const auto key = state_->directory.write("server.key", identity.key);
  state_->directory.write("ca.pem", identity.authority);
  state_->directory.write("expired-ca.pem", identity.expired_authority);
  state_->context.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = state_->context.get();
  SSL_CTX_set_security_level(context, 0);
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_load_verify_locations(context, ca_file().c_str(), nullptr) != 1) {
    throw std::runtime_error("cannot use the issued certificate");
  }
  constexpr std::array<unsigned char, 4> kSessionContext{'p', 'e', 'e', 'r'};
  SSL_CTX_set_session_id_context(context, kSessionContext.data(), kSessionContext.size());
  SSL_CTX_set_cipher_list(context, options.ciphers.c_str());
  SSL_CTX_set_min_proto_version(context, 0);
  SSL_CTX_set_max_proto_version(context, options.max_tls_version);
  if (options.wants_client_certificate) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       options.refuses_client_certificate ? refuse_any : accept_any);
  }
}

Peer::~Peer() {
  for (const int tunnel : state_->tunnels) {
    ::close(tunnel);
  }
}

std::uint16_t Peer::port() const {
  return state_->listener.port();
}

void Peer::take_over(RawConnection tunnel) {
  state_->tunnels.push_back(tunnel.release());
}

std::string Peer::ca_file() const {
  return (state_->directory / "ca.pem").string();
}

std::string Peer::expired_ca_file() const {
  return (state_->directory / "expired-ca.pem").string();
}

std::pair<std::string, std::string> Peer::client_certificate() const {
  const auto pair = state_->authority.issue({});
  return {state_->directory.write("client.pem", pair.certificate).string(),
          state_->directory.write("client.key", pair.key).string()};
}

int Peer::accept_socket() {
  if (state_->tunnels.empty()) {
    return state_->listener.accept();
  }
  const int tunnel = state_->tunnels.front();
  state_->tunnels.pop_front();
  return tunnel;
}

HttpRequest Peer::expect_http() {
  HttpRequest request;
  request.connection_ = std::make_shared<TlsConnection>(accept_socket(), state_->context.get());
  TlsConnection& connection = *request.connection_;
  parse_head(connection.read_until("\r\n\r\n", "an HTTP request"), request.method, request.target,
             request.headers);
  if (const std::string length = request.header("content-length"); !length.empty()) {
    request.body = connection.read_exactly(std::stoul(length), "the body of an HTTP request");
  }
  request.server_name = connection.server_name();
  request.has_client_certificate = connection.has_client_certificate();
  return request;
}

RawConnection Peer::expect_connection() {
  return RawConnection(accept_socket());
}

std::string Peer::expect_failed_handshake() {
  const int socket = accept_socket();
  try {
    const TlsConnection connection(socket, state_->context.get());
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  throw std::runtime_error("the client accepted a TLS handshake that it had to refuse");
}

HttpRequest Peer::serve_token(std::string_view token, int expires_in) {
  HttpRequest request = expect_http();
  if (request.method != "POST") {
    throw std::runtime_error("a token request was awaited, but there came " + request.method + ' ' +
                             request.path());
  }
  const nlohmann::json grant{
      {"access_token", token}, {"token_type", "bearer"}, {"expires_in", expires_in}};
  request.reply(200, grant.dump());
  return request;
}

WebSocket Peer::expect_upgrade() {
  const HttpRequest request = expect_http();
  if (request.method != "GET" || request.header("sec-websocket-key").empty()) {
    throw std::runtime_error("an upgrade was awaited, but there came " + request.method + ' ' +
                             request.path());
  }
  return request.accept_websocket();
}

Session Peer::reopen_stream() {
  WebSocket socket = expect_upgrade();
  auto subscription = socket.read_json();
  return {std::move(socket), std::move(subscription)};
}

Session Peer::open_stream(std::string_view token) {
  serve_token(token);
  return reopen_stream();
}

}  // namespace gcstreamd::testing
