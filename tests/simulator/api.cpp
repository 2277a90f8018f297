#include "simulator/api.hpp"

#include <openssl/evp.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "simulator/form.hpp"
#include "simulator/responses.hpp"
#include "simulator/secrets.hpp"

namespace gcstream_sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kTokenPath = "/oauth/token";
constexpr std::string_view kStreamPath = "/api/v2/analytics/events/stream";
constexpr std::string_view kBearer = "Bearer ";
constexpr std::size_t kTokenBytes = 32;

Response oauth_error(unsigned status, const char* code, const std::string& description,
                     const std::string& detail) {
  const Json body{{"error", code},
                  {"description", description},
                  {"error_description", description + ": " + detail}};
  Response response;
  response.status = status;
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

std::string base64(const std::string& text) {
  std::string encoded((text.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

std::string_view path_of(const Request& request) {
  return std::string_view(request.target).substr(0, request.target.find('?'));
}

std::string value_of(const std::map<std::string, std::string>& form, const char* name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string() : found->second;
}

std::string token_of(const Request& request) {
  if (request.authorization.starts_with(kBearer)) {
    return request.authorization.substr(kBearer.size());
  }
  const std::size_t query = request.target.find('?');
  return query == std::string::npos
             ? std::string()
             : value_of(read_form(std::string_view(request.target).substr(query + 1)),
                        "access_token");
}

}  // namespace

Api::Api(Credentials credentials)
    : credentials_(std::move(credentials)),
      basic_authorization_("Basic " +
                           base64(credentials_.client_id + ":" + credentials_.client_secret)) {}

std::optional<Response> Api::answer(const Request& request, SteadyTime now) {
  if (path_of(request) == kTokenPath) {
    return answer_token(request, now);
  }
  if (path_of(request) == kStreamPath) {
    return refuse_stream(request, now);
  }
  return api_error(404, "not.found", "The requested resource does not exist.");
}

bool Api::is_token_request(const Request& request) {
  return path_of(request) == kTokenPath;
}

Response Api::answer_token(const Request& request, SteadyTime now) {
  return request.method == "POST"
             ? grant_token(request, now)
             : api_error(405, "method.not.allowed", "Tokens are granted to POST requests.");
}

// Kept until they are asked for, so that the answer is "expired" and not "unknown".
void Api::expire_tokens() {
  for (auto& [token, expiry] : expiry_of_) {
    expiry = SteadyTime::min();
  }
}

bool Api::is_client(const Request& request, const std::map<std::string, std::string>& form) const {
  if (!request.authorization.empty()) {
    return request.authorization == basic_authorization_;
  }
  return value_of(form, "client_id") == credentials_.client_id &&
         value_of(form, "client_secret") == credentials_.client_secret;
}

Response Api::grant_token(const Request& request, SteadyTime now) {
  const auto form = read_form(request.body);
  if (value_of(form, "grant_type") != "client_credentials") {
    return oauth_error(400, "unsupported_grant_type", "unsupported grant type",
                       "expected client_credentials");
  }
  if (!is_client(request, form)) {
    return oauth_error(401, "invalid_client", "client not found", value_of(form, "client_id"));
  }
  std::erase_if(expiry_of_, [now](const auto& token) { return token.second <= now; });
  const std::string token = random_hex(kTokenBytes);
  expiry_of_[token] = now + credentials_.token_lifetime;
  const Json body{{"access_token", token},
                  {"token_type", "bearer"},
                  {"expires_in", credentials_.token_lifetime.count()}};
  Response response;
  response.body = body.dump();
  return response;
}

std::optional<Response> Api::refuse_token(const Request& request, SteadyTime now) const {
  const auto token = expiry_of_.find(token_of(request));
  if (token == expiry_of_.end()) {
    return api_error(401, "bad.credentials", "Invalid login credentials.");
  }
  if (token->second <= now) {
    return api_error(401, "credentials.expired", "The access token has expired.");
  }
  return std::nullopt;
}

std::optional<Response> Api::refuse_stream(const Request& request, SteadyTime now) const {
  if (auto refusal = refuse_token(request, now)) {
    return refusal;
  }
  if (!request.upgrade || request.key.empty()) {
    return api_error(426, "upgrade.required", "This resource is a WebSocket.");
  }
  return std::nullopt;
}

}  // namespace gcstream_sim
