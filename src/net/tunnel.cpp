#include "tunnel.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>

#include "gcstreamd/core/proxy_answer.hpp"
#include "gcstreamd/net/clocks.hpp"
#include "gcstreamd/net/tls_fault.hpp"

namespace gcstreamd {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

Fault broken(const StageGuard& guard, const error_code& error) {
  Fault fault = guard.explain(error);
  if (fault.kind == FaultKind::system && is_hang_up(error))
    return {Stage::proxy, FaultKind::system, ECONNRESET, "it hung up before its answer was whole"};
  return fault;
}

}  // namespace

asio::awaitable<Outcome<bool>> open_tunnel(Transport& transport, const Proxy& proxy, const Url& url,
                                           std::shared_ptr<StageGuard> guard) {
  constexpr std::size_t kBlock = 4096;
  if (!guard->begin(Stage::proxy, [&transport] { transport.cut(); }))
    co_return guard->explain(asio::error::operation_aborted);
  const Secret request = connect_request(proxy, url);
  const auto outgoing = asio::buffer(request.reveal().data(), request.reveal().size());
  auto [error, sent] = co_await asio::async_write(transport.socket(), outgoing, kAwait);

  ProxyAnswer answer(url.authority(), proxy.has_credentials);
  auto state = ProxyAnswer::State::unfinished;
  std::array<char, kBlock> block{};
  const auto room = asio::buffer(block);
  while (!error && state == ProxyAnswer::State::unfinished) {
    auto [failed, size] = co_await transport.socket().async_read_some(room, kAwait);
    error = failed;
    if (!failed)
      state = answer.add(std::string_view(block.data(), size), wall_now());
  }
  guard->end();
  if (error)
    co_return broken(*guard, error);
  if (state == ProxyAnswer::State::refused)
    co_return answer.fault();
  co_return true;
}

}  // namespace gcstreamd
