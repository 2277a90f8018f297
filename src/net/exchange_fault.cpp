#include "exchange_fault.hpp"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/websocket/error.hpp>
#include <cerrno>

#include "gcstreamd/net/tls_fault.hpp"

namespace gcstreamd {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

bool ended_early(const error_code& error) {
  return is_hang_up(error) || error == http::error::end_of_stream ||
         error == http::error::partial_message || error == http::error::short_read;
}

std::string answer_words(const error_code& error) {
  if (error == http::error::body_limit)
    return "the answer is too large";
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return "the answer's header is too large";
  if (error.category() == make_error_code(websocket::error::closed).category())
    return "the answer is not that of a WebSocket server: " + error.message();
  return "the answer is not HTTP: " + error.message();
}

bool is_of_answer(const error_code& error) {
  return error.category() == make_error_code(http::error::body_limit).category() ||
         error.category() == make_error_code(websocket::error::closed).category();
}

}  // namespace

error_code reason_behind(Transport& transport, error_code error) {
  if (!transport.tls() || !is_hang_up(error))
    return error;
  error_code late;
  char byte = 0;
  transport.tls()->read_some(asio::mutable_buffer(&byte, 1), late);
  return is_tls_error(late) ? late : error;
}

Fault exchange_fault(const StageGuard& guard, const Transport& transport, const error_code& error) {
  Fault fault = guard.explain(error);
  if (fault.kind != FaultKind::system)
    return fault;
  if (is_tls_error(error))
    return tls_fault(fault.stage, error, transport.certificate_wanted());
  if (ended_early(error))
    return {fault.stage, FaultKind::system, ECONNRESET,
            "the server hung up before its answer was whole"};
  if (is_of_answer(error))
    return {fault.stage, FaultKind::protocol, 0, answer_words(error)};
  return fault;
}

}  // namespace gcstreamd
