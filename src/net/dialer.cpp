#include "gcstreamd/net/dialer.hpp"

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "connect_race.hpp"
#include "gcstreamd/net/resolver.hpp"
#include "gcstreamd/net/tls_fault.hpp"
#include "transport.hpp"
#include "tunnel.hpp"

namespace gcstreamd {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

struct Resolved {
  Resolved() = default;
  error_code error;
  Resolver::Endpoints endpoints;
};

asio::awaitable<Resolved> resolve(Resolver& resolver, const std::string& host,
                                  const std::string& port) {
  auto initiate = [&](auto handler) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    resolver.resolve(host, port, [shared](error_code error, Resolver::Endpoints endpoints) {
      (*shared)(error, std::move(endpoints));
    });
  };
  auto [error, endpoints] =
      co_await asio::async_initiate<decltype(kAwait), void(error_code, Resolver::Endpoints)>(
          initiate, kAwait);
  Resolved resolved;
  resolved.error = error;
  resolved.endpoints = std::move(endpoints);
  co_return resolved;
}

/// SNI and the identity that the certificate must have; without the fallback to the common name.
bool expect_identity(SSL* ssl, const std::string& host) {
  error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(
      param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (!not_an_address)
    return X509_VERIFY_PARAM_set1_ip_asc(param, host.c_str()) == 1;
  std::string name = host;
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1 &&
         X509_VERIFY_PARAM_set1_host(param, host.c_str(), host.size()) == 1;
}

Fault handshake_fault(Transport& transport, const Url& url, const error_code& error,
                      const StageGuard& guard) {
  const Fault fault = guard.explain(error);
  if (fault.kind != FaultKind::system)
    return fault;
  if (const auto verdict = SSL_get_verify_result(transport.tls()->native_handle());
      verdict != X509_V_OK)
    return certificate_fault(verdict, url.host);
  if (is_tls_error(error))
    return tls_fault(Stage::tls, error, transport.certificate_wanted());
  return {Stage::tls, TlsProblem::cut_off,
          "the connection ended during the TLS handshake: " + describe(error)};
}

struct Connected {
  Connected() = default;
  error_code error;
  std::shared_ptr<asio::ip::tcp::socket> socket;
};

asio::awaitable<Connected> race(ConnectRace& race) {
  auto initiate = [&race](auto handler) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    race.start([shared](error_code error, std::shared_ptr<asio::ip::tcp::socket> socket) {
      (*shared)(error, std::move(socket));
    });
  };
  auto [error, socket] =
      co_await asio::async_initiate<decltype(kAwait),
                                    void(error_code, std::shared_ptr<asio::ip::tcp::socket>)>(
          initiate, kAwait);
  Connected connected;
  connected.error = error;
  connected.socket = std::move(socket);
  co_return connected;
}

/// The fault with the endpoint's name in its words.
Fault about(const std::string& endpoint, Fault fault) {
  if (fault.kind != FaultKind::cancelled)
    fault.what = fmt::format("{}: {}", endpoint, fault.what);
  return fault;
}

asio::awaitable<Outcome<bool>> handshake(Transport& transport, const Url& url,
                                         const ConnectionOptions& options,
                                         std::shared_ptr<StageGuard> guard) {
  auto& tls = transport.start_tls(*options.tls);
  if (!expect_identity(tls.native_handle(), url.host))
    co_return Fault(Stage::tls, TlsProblem::other, "the host's name cannot be verified");
  if (!guard->begin(Stage::tls, [&transport] { transport.cut(); }))
    co_return guard->explain(asio::error::operation_aborted);
  auto [error] = co_await tls.async_handshake(kAwait);
  guard->end();
  if (error)
    co_return handshake_fault(transport, url, error, *guard);
  co_return true;
}

/// Whatever keeps us from the proxy is about the proxy, and not about the host behind it.
Fault of_proxy(Fault fault) {
  if (fault.stage == Stage::dns)
    fault.code = 0;  // one of the resolver's, which would pass for an errno
  fault.stage = Stage::proxy;
  return fault;
}

/// DNS and TCP.
asio::awaitable<Outcome<std::shared_ptr<Transport>>> reach(const std::string& host,
                                                           const std::string& port,
                                                           std::shared_ptr<StageGuard> guard) {
  const auto executor = co_await asio::this_coro::executor;
  Resolver resolver(executor);
  if (!guard->begin(Stage::dns, [&resolver] { resolver.cancel(); }))
    co_return guard->explain(asio::error::operation_aborted);
  Resolved resolved = co_await resolve(resolver, host, port);
  guard->end();
  if (resolved.error)
    co_return about(host, guard->explain(resolved.error));

  auto racing = std::make_shared<ConnectRace>(executor, std::move(resolved.endpoints));
  if (!guard->begin(Stage::connect, [racing] { racing->cancel(); }))
    co_return guard->explain(asio::error::operation_aborted);
  ConnectRace& started = *racing;
  const Connected connected = co_await race(started);
  guard->end();
  if (connected.error)
    co_return about(host + ':' + port, guard->explain(connected.error));
  error_code ignored;
  connected.socket->set_option(asio::ip::tcp::no_delay(true), ignored);
  co_return std::make_shared<Transport>(std::move(*connected.socket));
}

}  // namespace

asio::awaitable<Outcome<std::shared_ptr<Transport>>> dial(const Url& url,
                                                          const ConnectionOptions& options,
                                                          std::shared_ptr<StageGuard> guard) {
  const Proxy* proxy = options.proxy.way_to(url);
  const std::string host = proxy ? proxy->host : url.host;
  const std::string port = proxy ? proxy->port : url.port;
  const auto reached = co_await reach(host, port, guard);
  if (!reached && proxy)
    co_return of_proxy(reached.error());
  if (!reached)
    co_return reached.error();
  Transport& transport = **reached;
  if (proxy) {
    const Outcome<bool> opened = co_await open_tunnel(transport, *proxy, url, guard);
    if (!opened)
      co_return about(proxy->authority(), opened.error());
  }
  if (url.secure) {
    const Outcome<bool> secured = co_await handshake(transport, url, options, guard);
    if (!secured)
      co_return about(url.authority(), secured.error());
  }
  co_return *reached;
}

}  // namespace gcstreamd
