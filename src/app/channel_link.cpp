#include "gcstreamd/app/channel_link.hpp"

#include <fmt/format.h>

#include <utility>

#include "gcstreamd/app/stream_target.hpp"
#include "gcstreamd/core/notifications.hpp"
#include "gcstreamd/core/text.hpp"
#include "gcstreamd/net/clocks.hpp"

namespace gcstreamd {

ChannelLink::ChannelLink(boost::asio::any_io_executor loop, ConnectionOptions options,
                         const StreamConfig& config, ChannelNumber channel,
                         ChannelLinkObserver& observer)
    : channel_(channel),
      observer_(observer),
      liveness_(config.idle_timeout, std::chrono::steady_clock::now()),
      timer_(loop),
      arrived_(read_clocks()),
      client_(loop, std::move(options), config.max_frame_bytes, *this) {}

void ChannelLink::open(const Secret& connect_uri) {
  WebSocketTarget target = channel_target(connect_uri);
  host_ = target.url.host;
  client_.open(std::move(target));
}

void ChannelLink::close(std::chrono::milliseconds limit) {
  client_.close(kCloseNormal, kGracefulReason, limit);
}

void ChannelLink::pause(bool wanted) {
  if (!open_ || wanted == std::exchange(paused_, wanted))
    return;
  if (wanted) {
    client_.pause();
    return;
  }
  const WallTime since = arrived_.wall;
  client_.resume();
  probe();
  doubt(since);
}

void ChannelLink::probe() {
  ++probes_;
  unsent_ = !client_.ping(std::to_string(probes_));
}

/// Beyond so many the newest stands for those that follow.
void ChannelLink::doubt(WallTime since) {
  constexpr std::size_t kMost = 64;
  if (doubts_.size() < kMost)
    doubts_.push_back({since, probes_});
  else
    doubts_.back().probe = probes_;
}

void ChannelLink::configure(std::chrono::milliseconds idle_timeout) {
  liveness_.configure(idle_timeout);
  if (open_)
    watch();
}

void ChannelLink::on_open() {
  open_ = true;
  on_arrival();
  watch();
  observer_.on_link_up(*this);
}

void ChannelLink::on_arrival() {
  arrived_ = read_clocks();
  liveness_.on_frame(arrived_.steady);
}

void ChannelLink::on_message(std::string_view message) {
  observer_.on_link_message(*this, message, arrived_);
}

void ChannelLink::on_pong(std::string_view payload) {
  on_control();
  const auto answered = parse_number(payload);
  if (!answered)
    return;
  while (!doubts_.empty() && doubts_.front().probe <= *answered)
    doubts_.pop_front();
  if (*answered < probes_)
    return;
  observer_.on_link_sign(*this);
}

void ChannelLink::on_refused(const Fault& fault) {
  LinkEnd end;
  end.fault = fault;
  observer_.on_link_end(*this, end, /*was_open=*/false);
}

void ChannelLink::on_closed(const LinkEnd& end) {
  open_ = false;
  timer_.cancel();
  observer_.on_link_end(*this, end, /*was_open=*/true);
}

void ChannelLink::watch() {
  timer_.expires_at(liveness_.next_check());
  timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (!aborted && open_)
      check();
  });
}

void ChannelLink::check() {
  const SteadyTime checked = std::chrono::steady_clock::now();
  if (paused_) {  // the silence is ours
    client_.pong();
    liveness_.on_frame(checked);
  }
  if (unsent_ && !paused_)
    unsent_ = !client_.ping(std::to_string(probes_));
  switch (liveness_.check(checked)) {
    case Liveness::Verdict::ping:
      client_.send_text(std::string(Notifications::kPing));
      break;
    case Liveness::Verdict::dead: {
      const auto silence = liveness_.silence(checked);
      observer_.on_link_silent(*this, silence);
      const std::chrono::duration<double> seconds = silence;
      client_.abort(Fault(Stage::stream, FaultKind::timeout, 0,
                          fmt::format("no frame for {:.1f} s", seconds.count())));
      return;
    }
    case Liveness::Verdict::alive:
      break;
  }
  watch();
}

}  // namespace gcstreamd
