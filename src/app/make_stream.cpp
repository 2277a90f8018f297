#include "gcstreamd/app/notifications_stream.hpp"
#include "gcstreamd/app/stream.hpp"

namespace gcstreamd {

std::unique_ptr<RunningStream> make_stream(const StreamContext& context, const StreamConfig& config,
                                           std::function<void(ExitCode)> on_end) {
  if (config.protocol == ProtocolKind::notifications)
    return std::make_unique<NotificationsStream>(context, config, std::move(on_end));
  return std::make_unique<Stream>(context, config, std::move(on_end));
}

}  // namespace gcstreamd
