#include "gcstreamd/app/stream_trial.hpp"

#include <utility>

#include "gcstreamd/app/stream_target.hpp"
#include "gcstreamd/app/system_inputs.hpp"
#include "gcstreamd/core/stream_machine.hpp"
#include "gcstreamd/core/text.hpp"
#include "gcstreamd/core/token.hpp"
#include "gcstreamd/net/clocks.hpp"

namespace gcstreamd {
namespace {

constexpr std::size_t kShownWords = 400;
constexpr std::chrono::milliseconds kCloseLimit{2000};

Url url_of(const std::string& text) {
  return parse_url(text).value_or(Url{});
}

}  // namespace

StreamTrial::StreamTrial(boost::asio::any_io_executor loop, const StreamConfig& config)
    : loop_(loop),
      config_(config),
      token_leg_(url_of(config.endpoints.oauth_url), config.proxy, Stage::oauth),
      stream_leg_(url_of(config.endpoints.stream_url), config.proxy, Stage::upgrade),
      http_(loop) {}

void StreamTrial::start(std::function<void()> on_end) {
  on_end_ = std::move(on_end);
  teach(scrubber_, config_.proxy);
  const auto secret = read_secret(config_.oauth.client_secret);
  const auto context = tls_.get(config_.tls);
  if (!secret || !context) {
    fail(token_leg_, secret ? context.error() : secret.error());
    return;
  }
  scrubber_.know("client_secret", *secret);
  scrubber_.know("basic", basic_credentials(config_.oauth.client_id, *secret));
  http_.exchange(token_request(config_.oauth, config_.endpoints.oauth_url, *secret),
                 options(*context, token_leg_),
                 [this](Outcome<HttpResponse> answer) { on_answer(std::move(answer)); });
}

ConnectionOptions StreamTrial::options(TlsContext context, OnlineLeg& leg) const {
  ConnectionOptions options(std::move(context), config_);
  options.on_stage = [&leg](Stage stage, std::chrono::nanoseconds took) {
    leg.on_stage(stage, took);
  };
  return options;
}

void StreamTrial::on_answer(Outcome<HttpResponse> answer) {
  if (!answer) {
    fail(token_leg_, answer.error());
    return;
  }
  const auto grant = parse_token_response(*answer, wall_now());
  wipe(answer->body);
  if (grant)
    open_stream(grant->access_token);
  else
    fail(token_leg_, grant.error());
}

/// Of the protocol `notifications` the token is all that is tried: a channel more could be one too
/// many for a daemon that runs.
void StreamTrial::open_stream(const Secret& token) {
  if (config_.protocol == ProtocolKind::notifications) {
    finish();
    return;
  }
  scrubber_.know("token", token);
  auto context = tls_.get(config_.tls);
  if (!context) {
    fail(stream_leg_, context.error());
    return;
  }
  LinkObserver& observer = *this;
  link_ = std::make_unique<WebSocketClient>(loop_, options(std::move(*context), stream_leg_),
                                            config_.max_frame_bytes, observer);
  link_->open(stream_target(config_, token));
}

void StreamTrial::on_open() {
  link_->close(kCloseNormal, "checked", kCloseLimit);
}

void StreamTrial::on_refused(const Fault& fault) {
  fail(stream_leg_, fault);
}

void StreamTrial::on_closed(const LinkEnd&) {
  finish();
}

void StreamTrial::fail(OnlineLeg& leg, Fault fault) {
  fault.what = clip(scrubber_.scrub(fault.what), kShownWords);
  leg.fail(fault);
  fault_ = std::move(fault);
  finish();
}

void StreamTrial::finish() {
  over_ = true;
  on_end_();
}

std::vector<OnlineStep> StreamTrial::steps() const {
  std::vector<OnlineStep> steps = token_leg_.steps();
  if (config_.protocol != ProtocolKind::notifications)
    steps.insert(steps.end(), stream_leg_.steps().begin(), stream_leg_.steps().end());
  return steps;
}

}  // namespace gcstreamd
