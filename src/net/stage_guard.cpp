#include "gcstreamd/net/stage_guard.hpp"

#include <fmt/format.h>

#include <boost/asio/error.hpp>
#include <utility>

namespace gcstreamd {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

std::string_view awaited(Stage stage) {
  switch (stage) {
    case Stage::dns:
      return "address";
    case Stage::connect:
      return "TCP connection";
    case Stage::proxy:
      return "whole answer to CONNECT";
    case Stage::tls:
      return "TLS handshake";
    case Stage::upgrade:
      return "whole answer to the upgrade";
    default:
      return "whole answer";
  }
}

}  // namespace

StageGuard::StageGuard(asio::any_io_executor executor, std::chrono::milliseconds limit,
                       OnStage on_stage)
    : timer_(std::move(executor)), limit_(limit), on_stage_(std::move(on_stage)) {}

bool StageGuard::begin(Stage stage, std::function<void()> abort) {
  stage_ = stage;
  if (cancelled_)
    return false;
  abort_ = std::move(abort);
  begun_ = std::chrono::steady_clock::now();
  running_ = true;
  expired_ = false;  // a stage that ended well in the same turn
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
  if (std::exchange(running_, false) && on_stage_)
    on_stage_(stage_, std::chrono::steady_clock::now() - begun_);
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
  on_stage_ = nullptr;
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
