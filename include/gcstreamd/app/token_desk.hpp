#pragma once

#include <vector>

#include "gcstreamd/app/token_source.hpp"

namespace gcstreamd {

/// Somebody who waits for a token.
class TokenUser {
 public:
  virtual ~TokenUser() = default;
  virtual void on_token() = 0;
  virtual void on_no_token(const Fault& fault) = 0;
};

/// Gives a stream's one token to all who want it. Used on the loop's thread.
class TokenDesk {
 public:
  struct Events {
    std::function<void(const AuditRecord&)> on_news;
    std::function<void(std::string_view slot, const Secret&)> on_secret;
  };
  /// `config` and `tls` outlive it.
  TokenDesk(boost::asio::any_io_executor loop, const StreamConfig& config, TlsContexts& tls,
            Events events);

  /// Tells `user` once, never from inside this call. It leaves before it is destroyed.
  void want(TokenUser& user);
  void leave(TokenUser& user);
  const Secret& token() const { return source_.token(); }
  /// Whether there ever was one.
  bool granted() const { return source_.ever_granted(); }
  TokenSource& source() { return source_; }
  const TokenSource& source() const { return source_; }

 private:
  TokenEvents events_of(Events events);
  std::vector<TokenUser*> take_all() { return std::exchange(waiting_, {}); }

  std::vector<TokenUser*> waiting_;
  TokenSource source_;
};

}  // namespace gcstreamd
