#include "gcstreamd/app/token_source.hpp"

#include <random>
#include <utility>

#include "gcstreamd/app/system_inputs.hpp"
#include "gcstreamd/net/clocks.hpp"

namespace gcstreamd {

TokenSource::TokenSource(boost::asio::any_io_executor loop, const StreamConfig& config,
                         TlsContexts& tls, TokenEvents events)
    : config_(config),
      tls_(tls),
      events_(std::move(events)),
      keeper_(config.oauth.refresh_margin, config.reconnect.backoff, std::random_device{}()),
      http_(loop),
      timer_(loop),
      ready_(loop) {}

void TokenSource::want() {
  wanted_ = true;
  if (!keeper_.usable(std::chrono::steady_clock::now())) {
    fetch();
    return;
  }
  ready_.expires_after(std::chrono::seconds{0});
  ready_.async_wait([this](const boost::system::error_code& aborted) {
    if (!aborted && std::exchange(wanted_, false))
      events_.on_ready();
  });
}

void TokenSource::renew() {
  if (!keeper_.token().empty())
    fetch();
}

void TokenSource::start_over() {
  const bool wanted = wanted_;
  cancel();
  discard();
  if (wanted)
    want();
}

void TokenSource::cancel() {
  wanted_ = false;
  ready_.cancel();
  http_.cancel();
  fetching_ = false;
}

void TokenSource::stop() {
  stopped_ = true;
  timer_.cancel();
  cancel();
}

void TokenSource::fetch() {
  if (fetching_ || stopped_)
    return;
  fetching_ = true;
  const SteadyTime asked = std::chrono::steady_clock::now();
  const auto secret = read_secret(config_.oauth.client_secret);
  const auto context = tls_.get(config_.tls);
  if (!secret || !context) {
    fail_soon(secret ? context.error() : secret.error());
    return;
  }
  scrubber_.know("client_secret", *secret);
  events_.on_secret("client_secret", *secret);
  teach(scrubber_, config_.proxy);
  const Secret pair = basic_credentials(config_.oauth.client_id, *secret);
  scrubber_.know("basic", pair);
  events_.on_secret("basic", pair);
  http_.exchange(token_request(config_.oauth, config_.endpoints.oauth_url, *secret),
                 ConnectionOptions(*context, config_), [this, asked](Outcome<HttpResponse> answer) {
                   on_answer(std::move(answer), asked);
                 });
}

void TokenSource::fail_soon(Fault fault) {
  ready_.expires_after(std::chrono::seconds{0});
  ready_.async_wait([this, fault = std::move(fault)](const boost::system::error_code& aborted) {
    if (!aborted)
      on_fault(fault);
  });
}

void TokenSource::on_answer(Outcome<HttpResponse> answer, SteadyTime asked) {
  if (!answer) {
    on_fault(answer.error());
    return;
  }
  auto grant = parse_token_response(*answer, wall_now());
  wipe(answer->body);
  if (grant)
    on_granted(std::move(*grant), asked);
  else
    on_fault(grant.error());
}

void TokenSource::on_granted(TokenGrant grant, SteadyTime asked) {
  fetching_ = false;
  scrubber_.know("token before", keeper_.token());
  scrubber_.know("token", grant.access_token);
  events_.on_secret("token", grant.access_token);
  const bool first = keeper_.token().empty();
  const auto life = static_cast<std::uint64_t>(grant.expires_in.count());
  keeper_.granted(std::move(grant), asked);
  events_.on_news(
      AuditRecord(first ? "token_acquired" : "token_refreshed").number("expiresIn", life));
  renew_at(keeper_.renew_at());
  if (std::exchange(wanted_, false))
    events_.on_ready();
}

void TokenSource::on_fault(Fault fault) {
  fetching_ = false;
  fault.what = scrubber_.shown(fault.what);
  AuditRecord record(fault.stage == Stage::oauth ? "oauth_error" : "connection_error");
  if (fault.stage != Stage::oauth)
    record.text("stage", name(fault.stage));
  else if (fault.kind == FaultKind::http_status)
    record.number("status", static_cast<std::uint64_t>(fault.code));
  events_.on_news(record.text("error", fault.what).text_if("hint", hint(fault)));
  if (std::exchange(wanted_, false))
    events_.on_failed(fault);
  else
    renew_at(keeper_.retry_at(fault, std::chrono::steady_clock::now()));
}

void TokenSource::renew_at(SteadyTime when) {
  timer_.expires_at(when);
  timer_.async_wait([this](const boost::system::error_code& aborted) {
    // One that was armed anew meanwhile may have been due, and its handler queued, before.
    if (!aborted && timer_.expiry() <= std::chrono::steady_clock::now())
      fetch();
  });
}

}  // namespace gcstreamd
