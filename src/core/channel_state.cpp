#include "gcstreamd/core/channel_state.hpp"

namespace gcstreamd {
namespace {

constexpr int kNotFound = 404;
constexpr int kProxyAuthentication = 407;
constexpr int kTooMany = 429;
constexpr int kServerErrors = 500;

/// The server went away, the line broke, the service restarts. What any other code means for a
/// channel is not known.
bool keeps_channel_at_close(int code) {
  return code == 1001 || code == 1006 || code == 1012;
}

}  // namespace

bool keeps_channel(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::close_code:
      return keeps_channel_at_close(fault.code);
    case FaultKind::http_status:  // whoever is failing there knows nothing of channels
      return fault.code == kProxyAuthentication || fault.code == kTooMany ||
             fault.code >= kServerErrors;
    case FaultKind::tls:
    case FaultKind::system:
    case FaultKind::timeout:
      return true;
    case FaultKind::protocol:
    case FaultKind::cancelled:
      return false;
  }
  return false;
}

bool is_channel_gone(const Fault& fault) {
  return fault.kind == FaultKind::http_status && fault.code == kNotFound;
}

std::string_view name(ChannelState state) {
  switch (state) {
    case ChannelState::idle:
      return "idle";
    case ChannelState::held:
      return "held";
    case ChannelState::waiting:
      return "waiting";
    case ChannelState::authorizing:
      return "authorizing";
    case ChannelState::creating:
      return "creating";
    case ChannelState::subscribing:
      return "subscribing";
    case ChannelState::connecting:
      return "connecting";
    case ChannelState::live:
      return "live";
    case ChannelState::draining:
      return "draining";
    case ChannelState::stopping:
      return "stopping";
    case ChannelState::ended:
      return "ended";
  }
  return "";
}

}  // namespace gcstreamd
