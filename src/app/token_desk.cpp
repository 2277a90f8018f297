#include "gcstreamd/app/token_desk.hpp"

#include <algorithm>
#include <utility>

namespace gcstreamd {

TokenDesk::TokenDesk(boost::asio::any_io_executor loop, const StreamConfig& config,
                     TlsContexts& tls, Events events)
    : source_(std::move(loop), config, tls, events_of(std::move(events))) {}

TokenEvents TokenDesk::events_of(Events events) {
  TokenEvents all;
  all.on_news = std::move(events.on_news);
  all.on_secret = std::move(events.on_secret);
  all.on_ready = [this] {
    for (TokenUser* user : take_all())
      user->on_token();
  };
  all.on_failed = [this](const Fault& fault) {
    for (TokenUser* user : take_all())
      user->on_no_token(fault);
  };
  return all;
}

void TokenDesk::want(TokenUser& user) {
  if (std::find(waiting_.begin(), waiting_.end(), &user) == waiting_.end())
    waiting_.push_back(&user);
  source_.want();
}

void TokenDesk::leave(TokenUser& user) {
  if (std::erase(waiting_, &user) > 0 && waiting_.empty())
    source_.cancel();
}

}  // namespace gcstreamd
