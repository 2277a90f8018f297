#include "gcstreamd/net/dialer.hpp"

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gcstreamd/net/resolver.hpp"
#include "gcstreamd/net/tls_fault.hpp"
#include "transport.hpp"

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

asio::awaitable<Resolved> resolve(Resolver& resolver, const Url& url) {
  auto initiate = [&resolver, &url](auto handler) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    resolver.resolve(url.host, url.port, [shared](error_code error, Resolver::Endpoints endpoints) {
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

/// The fault with the endpoint's name in its words.
Fault about(const std::string& endpoint, Fault fault) {
  if (fault.kind != FaultKind::cancelled)
    fault.what = fmt::format("{}: {}", endpoint, fault.what);
  return fault;
}

std::string_view awaited(Stage stage) {
  switch (stage) {
    case Stage::dns:
      return "address";
    case Stage::connect:
      return "TCP connection";
    case Stage::tls:
      return "TLS handshake";
    case Stage::upgrade:
      return "whole answer to the upgrade";
    default:
      return "whole answer";
  }
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

}  // namespace

StageGuard::StageGuard(asio::any_io_executor executor, std::chrono::milliseconds limit)
    : timer_(std::move(executor)), limit_(limit) {}

bool StageGuard::begin(Stage stage, std::function<void()> abort) {
  stage_ = stage;
  if (cancelled_)
    return false;
  abort_ = std::move(abort);
  ++generation_;
  timer_.expires_after(limit_);
  timer_.async_wait([weak = weak_from_this(), generation = generation_](const error_code& aborted) {
    const auto self = weak.lock();
    if (!aborted && self && self->generation_ == generation)
      self->expire();
  });
  return true;
}

void StageGuard::end() {
  ++generation_;
  abort_ = nullptr;
  timer_.cancel();
}

void StageGuard::expire() {
  if (!abort_)
    return;
  expired_ = true;
  auto abort = std::move(abort_);
  end();
  abort();
}

void StageGuard::cancel() {
  cancelled_ = true;
  auto abort = std::move(abort_);
  end();
  if (abort)
    abort();
}

Fault StageGuard::explain(const error_code& error) const {
  if (cancelled_)
    return {stage_, FaultKind::cancelled, 0, "cancelled"};
  if (expired_)
    return {stage_, FaultKind::timeout, 0,
            fmt::format("no {} within {:.3g} s", awaited(stage_),
                        std::chrono::duration<double>(limit_).count())};
  return {stage_, FaultKind::system, error.value(), describe(error)};
}

asio::awaitable<Outcome<std::shared_ptr<Transport>>> dial(const Url& url,
                                                          const ConnectionOptions& options,
                                                          std::shared_ptr<StageGuard> guard) {
  const auto executor = co_await asio::this_coro::executor;
  Resolver resolver(executor);
  if (!guard->begin(Stage::dns, [&resolver] { resolver.cancel(); }))
    co_return guard->explain(asio::error::operation_aborted);
  const Resolved resolved = co_await resolve(resolver, url);
  guard->end();
  if (resolved.error)
    co_return about(url.host, guard->explain(resolved.error));

  auto transport = std::make_shared<Transport>(executor);
  if (!guard->begin(Stage::connect, [raw = transport.get()] { raw->cut(); }))
    co_return guard->explain(asio::error::operation_aborted);
  auto [refused, endpoint] =
      co_await asio::async_connect(transport->socket(), resolved.endpoints, kAwait);
  guard->end();
  if (refused)
    co_return about(url.host + ':' + url.port, guard->explain(refused));
  error_code ignored;
  transport->socket().set_option(asio::ip::tcp::no_delay(true), ignored);

  if (url.secure) {
    Transport& connected = *transport;
    const Outcome<bool> secured = co_await handshake(connected, url, options, guard);
    if (!secured)
      co_return about(url.host + ':' + url.port, secured.error());
  }
  co_return transport;
}

std::string describe(const error_code& error) {
  if (error.category() == boost::system::system_category())
    return describe_errno(error.value());
  if (error == asio::error::host_not_found || error == asio::error::no_data)
    return "there is no such name";
  if (error == asio::error::host_not_found_try_again || error == asio::error::no_recovery)
    return "the name server does not answer";
  return error.message();
}

}  // namespace gcstreamd
