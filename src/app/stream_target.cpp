#include "gcstreamd/app/stream_target.hpp"

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

Secret query_target(const std::string& target, const Secret& token) {
  const std::string_view separator = target.find('?') == std::string::npos ? "?" : "&";
  std::string encoded = percent_encode(token.reveal());
  Secret result = concat({target, separator, "access_token=", encoded});
  wipe(encoded);
  return result;
}

}  // namespace

WebSocketTarget stream_target(const StreamConfig& config, const Secret& token) {
  WebSocketTarget target;
  target.url = parse_url(config.endpoints.stream_url).value_or(Url{});
  if (config.token_in == StreamConfig::TokenIn::query) {
    target.request_target = query_target(target.url.target, token);
  } else {
    target.request_target = Secret(target.url.target);
    target.authorization = concat({"Bearer ", token.reveal()});
  }
  return target;
}

WebSocketTarget channel_target(const Secret& connect_uri) {
  WebSocketTarget target;
  target.url = parse_url(connect_uri.reveal()).value_or(Url{});
  target.request_target = Secret(target.url.target);
  wipe(target.url.target);
  return target;
}

}  // namespace gcstreamd
