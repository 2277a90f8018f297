#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/http_message.hpp"
#include "gcstreamd/core/secret.hpp"

namespace gcstreamd {

/// The token endpoint's answer (RFC 6749, 5.1).
struct TokenGrant {
  TokenGrant() = default;

  Secret access_token;
  std::chrono::seconds expires_in{0};
};

/// The request for a token by client credentials (RFC 6749, 4.4.2).
HttpRequest token_request(const OAuthConfig& config, const std::string& oauth_url,
                          const Secret& client_secret);

/// Reads the answer; a refusal's fault holds the server's own words. They may repeat what was sent,
/// and be long: scrub them before they are shown, then clip them.
/// `now` is what a `Retry-After` with a date counts from where the answer has no `Date`.
Outcome<TokenGrant> parse_token_response(const HttpResponse& response, WallTime now);

/// The token in use and when it is to be renewed. Owns no timer, sends nothing.
class TokenKeeper {
 public:
  TokenKeeper(std::chrono::seconds refresh_margin, BackoffOptions retry, std::uint64_t seed)
      : margin_(refresh_margin), retry_(retry, seed) {}

  /// Takes a token that was asked for at `asked` (its life is counted from then).
  void granted(TokenGrant grant, SteadyTime asked);
  /// From the next grant or failure on.
  void configure(std::chrono::seconds refresh_margin, BackoffOptions retry);
  /// The server refused it, or it must not be used any more.
  void discard();
  /// A renewal failed: when to try again. Refused credentials wait the longest.
  SteadyTime retry_at(const Fault& fault, SteadyTime now);

  /// Whether a connection may use it without asking for a new one first.
  bool usable(SteadyTime now) const { return !token_.empty() && now < renew_at_; }
  bool ever_granted() const { return ever_granted_; }
  const Secret& token() const { return token_; }
  /// Margin before its end, at most half of its life before; meaningful while there is a token.
  SteadyTime renew_at() const { return renew_at_; }
  /// Of the newest that was granted, also where it was discarded since; empty before the first.
  std::optional<SteadyTime> expires_at() const { return expires_at_; }

 private:
  std::chrono::seconds margin_;
  Backoff retry_;
  Secret token_;
  SteadyTime renew_at_{};
  std::optional<SteadyTime> expires_at_;
  bool ever_granted_ = false;
};

}  // namespace gcstreamd
