#include "gcstreamd/core/token.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

using nlohmann::json;

constexpr int kHttpOk = 200;

Secret form_body(const OAuthConfig& config, const Secret& client_secret) {
  std::string scope = join(config.scopes, " ");
  if (!scope.empty())
    scope = "&scope=" + percent_encode(scope);
  if (config.client_auth == OAuthConfig::ClientAuth::basic)
    return concat({"grant_type=client_credentials", scope});
  std::string encoded = percent_encode(client_secret.reveal());
  Secret body =
      concat({"grant_type=client_credentials&client_id=", percent_encode(config.client_id),
              "&client_secret=", encoded, scope});
  wipe(encoded);
  return body;
}

Secret basic_header(const OAuthConfig& config, const Secret& client_secret) {
  return concat({"Basic ", basic_credentials(config.client_id, client_secret).reveal()});
}

/// Shorter ones would make a busy loop of renewals.
constexpr std::chrono::seconds kShortestLife{1};

std::string text_of(const json& object, const char* key) {
  if (!object.is_object())
    return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Fault refusal(const HttpResponse& response, const json& body, WallTime now) {
  std::string words = status_words(response.status, response.location);
  for (const char* key : {"error", "error_description", "message"})
    if (const std::string text = text_of(body, key); !text.empty())
      words += ": " + text;
  Fault fault(Stage::oauth, FaultKind::http_status, response.status, std::move(words));
  fault.retry_after = parse_retry_after(response.retry_after, response.date, now);
  return fault;
}

Fault not_a_token(std::string words) {
  return {Stage::oauth, FaultKind::protocol, kHttpOk, std::move(words)};
}

/// Absent (which RFC 6749 allows) or unusable: a short life, so that it is renewed soon.
std::chrono::seconds lifetime(const json& body) {
  constexpr std::int64_t kWhenUnknown = 300;
  constexpr double kLongest = 10 * 365 * 86400.0;
  const auto found = body.find("expires_in");
  if (found == body.end() || !found->is_number() || !(found->get<double>() > 0))
    return std::chrono::seconds{kWhenUnknown};
  const std::chrono::seconds life{
      static_cast<std::int64_t>(std::min(found->get<double>(), kLongest))};
  return std::max(life, kShortestLife);
}

}  // namespace

HttpRequest token_request(const OAuthConfig& config, const std::string& oauth_url,
                          const Secret& client_secret) {
  HttpRequest request;
  request.method = "POST";
  request.url = parse_url(oauth_url).value_or(Url{});
  request.headers.emplace_back("Content-Type", Secret("application/x-www-form-urlencoded"));
  request.headers.emplace_back("Accept", Secret("application/json"));
  if (config.client_auth == OAuthConfig::ClientAuth::basic)
    request.headers.emplace_back("Authorization", basic_header(config, client_secret));
  request.body = form_body(config, client_secret);
  return request;
}

Outcome<TokenGrant> parse_token_response(const HttpResponse& response, WallTime now) {
  json body = json::parse(response.body, nullptr, false);
  if (response.status != kHttpOk)
    return refusal(response, body, now);
  std::string token = text_of(body, "access_token");
  if (token.empty())
    return not_a_token(body.is_discarded() ? "the token endpoint's answer is not JSON"
                                           : "the token endpoint's answer has no access_token");
  const auto printable = [](char c) { return c > ' ' && c < '\x7f'; };
  if (!std::all_of(token.begin(), token.end(), printable))
    return not_a_token("access_token has characters that no header can carry");
  TokenGrant grant;
  grant.access_token = Secret(token);
  wipe(token);
  wipe(body["access_token"].get_ref<std::string&>());
  grant.expires_in = lifetime(body);
  return grant;
}

void TokenKeeper::granted(TokenGrant grant, SteadyTime asked) {
  token_ = std::move(grant.access_token);
  const std::chrono::milliseconds life = grant.expires_in;
  const auto ahead = std::min<std::chrono::milliseconds>(margin_, life / 2);
  expires_at_ = asked + life;
  renew_at_ = asked + std::max<std::chrono::milliseconds>(life - ahead, kShortestLife);
  ever_granted_ = true;
  retry_.reset();
}

void TokenKeeper::configure(std::chrono::seconds refresh_margin, BackoffOptions retry) {
  margin_ = refresh_margin;
  retry_.configure(retry);
}

void TokenKeeper::discard() {
  token_ = Secret{};
}

SteadyTime TokenKeeper::retry_at(const Fault& fault, SteadyTime now) {
  const std::chrono::milliseconds wish = fault.retry_after.value_or(std::chrono::seconds{0});
  const auto jittered = retry_.next();
  const bool refused = disposition(fault) == Disposition::fatal;
  return now + std::max(refused ? retry_.longest() : jittered, wish);
}

}  // namespace gcstreamd
