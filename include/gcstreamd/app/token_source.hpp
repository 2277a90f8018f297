#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "gcstreamd/core/audit_record.hpp"
#include "gcstreamd/core/token.hpp"
#include "gcstreamd/net/http_client.hpp"

namespace gcstreamd {

/// Told about tokens, on the loop's thread. None of them may destroy the source.
struct TokenEvents {
  /// A token is there that a connection may use.
  std::function<void()> on_ready;
  /// The fetch that a connection waits for failed. Renewals beside a connection are retried here.
  std::function<void(const Fault&)> on_failed;
  std::function<void(const AuditRecord&)> on_news;
  /// Every secret that comes into use, by slot.
  std::function<void(std::string_view slot, const Secret&)> on_secret;
};

/// Fetches, keeps and renews a stream's token. Used on the loop's thread.
class TokenSource {
 public:
  /// `config` and `tls` outlive it.
  TokenSource(boost::asio::any_io_executor loop, const StreamConfig& config, TlsContexts& tls,
              TokenEvents events);

  /// Calls on_ready or on_failed, never from inside this call.
  void want();
  void discard() { keeper_.discard(); }
  /// What tokens are got with changed: neither the one at hand nor one under way is used any more.
  void start_over();
  /// Takes over what a reload changed in the configuration.
  void configure() { keeper_.configure(config_.oauth.refresh_margin, config_.reconnect.backoff); }
  /// Fetches another token now, beside the one in use; nothing where there is none.
  void renew();
  /// Nobody waits any more; a fetch under way is given up.
  void cancel();
  /// For good: no renewal either.
  void stop();

  const Secret& token() const { return keeper_.token(); }
  /// Whether there ever was one.
  bool ever_granted() const { return keeper_.ever_granted(); }
  /// As TokenKeeper says it.
  std::optional<SteadyTime> expires_at() const { return keeper_.expires_at(); }

 private:
  void fetch();
  void on_answer(Outcome<HttpResponse> answer, SteadyTime asked);
  void on_granted(TokenGrant grant, SteadyTime asked);
  void on_fault(Fault fault);
  void fail_soon(Fault fault);
  void renew_at(SteadyTime when);

  const StreamConfig& config_;
  TlsContexts& tls_;
  TokenEvents events_;
  TokenKeeper keeper_;
  HttpClient http_;
  boost::asio::steady_timer timer_;  ///< the next renewal
  boost::asio::steady_timer ready_;  ///< an answer that is known already
  Scrubber scrubber_;
  bool wanted_ = false;
  bool fetching_ = false;
  bool stopped_ = false;
};

}  // namespace gcstreamd
