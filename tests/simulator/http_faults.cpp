#include "simulator/http_faults.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <nlohmann/json.hpp>

namespace gcstream_sim {
namespace {

using Json = nlohmann::ordered_json;
using WallTime = std::chrono::system_clock::time_point;

constexpr const char* kAccept = "Sec-WebSocket-Accept";
constexpr std::string_view kPage =
    "<!DOCTYPE html><html><head><title>Sign in to the guest network</title></head>"
    "<body><h1>Welcome</h1></body></html>\n";

std::string retry_after(const RetryAfter& after, WallTime now) {
  return after.as_date
             ? fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}",
                           fmt::gmtime(std::chrono::system_clock::to_time_t(now + after.in)))
             : fmt::format("{}", after.in.count());
}

Response html() {
  Response response;
  response.content_type = "text/html; charset=utf-8";
  response.body = kPage;
  return response;
}

Response error(const Step& step, Json body, WallTime now) {
  Response response;
  response.status = static_cast<unsigned>(step.number);
  response.body = body.dump();
  if (step.retry_after) {
    response.headers.emplace_back("Retry-After", retry_after(*step.retry_after, now));
  }
  return response;
}

// RFC 6749, section 5.2, as far as it knows the status.
Json oauth_body(std::uint64_t status) {
  const char* code = status == 401   ? "invalid_client"
                     : status == 403 ? "unauthorized_client"
                     : status == 429 ? "rate_limit_exceeded"
                     : status >= 500 ? "server_error"
                                     : "invalid_request";
  return {{"error", code}, {"description", "on purpose"}, {"error_description", "on purpose"}};
}

Json api_body(std::uint64_t status) {
  const char* code = status == 401   ? "bad.credentials"
                     : status == 403 ? "missing.permissions"
                     : status == 404 ? "not.found"
                     : status == 429 ? "too.many.requests"
                                     : "internal.server.error";
  return {{"message", "on purpose"}, {"code", code}, {"status", status}};
}

// As the REST calls have it.
Json request_body(std::uint64_t status) {
  Json body = api_body(status);
  if (status == 429) {
    body["code"] = "too.many.requests.retry.after";
  }
  return body;
}

Json without(const Response& good, const char* member) {
  Json body = Json::parse(good.body);
  body.erase(member);
  return body;
}

Response with_body(Response good, const Json& body) {
  good.body = body.dump();
  return good;
}

Response huge(Response good, std::uint64_t bytes) {
  constexpr std::string_view kStart = R"(,"padding":")";
  good.body.pop_back();
  good.body.append(kStart);
  const std::size_t size = good.body.size() + 2;
  good.body.append(bytes > size ? static_cast<std::size_t>(bytes) - size : 0, 'x').append("\"}");
  return good;
}

Response redirect(const std::string& url) {
  Response response;
  response.status = 302;
  response.headers.emplace_back("Location", url);
  return response;
}

Response in_manner(Response response, Manner manner) {
  response.manner = manner;
  return response;
}

Response with_bad_accept(Response good) {
  for (auto& [name, value] : good.headers) {
    if (name == kAccept) {
      value = accept_key("another key");
    }
  }
  return good;
}

Response slow(Response good, const Step& step) {
  good.over = step.time.value_or(good.over);
  return good;
}

Response expiring_in(const Response& good, std::uint64_t seconds) {
  Json body = without(good, "expires_in");
  body["expires_in"] = seconds;
  return with_body(good, body);
}

}  // namespace

std::string accept_key(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, EVP_MAX_MD_SIZE * 2> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return {encoded.begin(), encoded.begin() + length};
}

Response upgrade_of(const Request& request) {
  Response response;
  response.status = 101;
  response.headers = {
      {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {kAccept, accept_key(request.key)}};
  return response;
}

Response spoiled(Response good, const Step& step, WallTime now) {
  switch (step.kind) {
    case StepKind::token_status:
      return error(step, oauth_body(step.number), now);
    case StepKind::refuse:
      return error(step, api_body(step.number), now);
    case StepKind::request:
      return error(step, request_body(step.number), now);
    case StepKind::token_html:
    case StepKind::upgrade_html:
      return html();
    case StepKind::token_hangup:
    case StepKind::upgrade_hangup:
      return in_manner(std::move(good), Manner::hang_up);
    case StepKind::upgrade_silent:
      return in_manner(std::move(good), Manner::silent);
    case StepKind::token_slow:
      return slow(std::move(good), step);
    case StepKind::token_huge:
      return huge(std::move(good), step.number);
    case StepKind::token_no_access_token:
      return with_body(good, without(good, "access_token"));
    case StepKind::token_no_expires_in:
      return with_body(good, without(good, "expires_in"));
    case StepKind::token_expires_in:
      return expiring_in(good, step.number);
    case StepKind::upgrade_bad_accept:
      return with_bad_accept(std::move(good));
    case StepKind::upgrade_redirect:
      return redirect(step.text);
    default:
      return good;
  }
}

}  // namespace gcstream_sim
