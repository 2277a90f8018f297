// What the simulator answers to HTTP requests: the token endpoint and the right to a stream.
//
// Ownership: owns the tokens that it granted. No I/O and no clock: the caller says what time it
// is. For one thread at a time.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gcstream_sim {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Request {
  std::string method;
  std::string target;
  std::string authorization;
  std::string body;
  bool upgrade = false;  // asks for a WebSocket
  std::string key{};     // Sec-WebSocket-Key
};

enum class Manner {
  answer,
  hang_up,  // the connection ends instead
  silent,   // nothing comes
};

struct Response {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  Manner manner = Manner::answer;
  std::chrono::milliseconds over{0};  // in small pieces over so long
};

struct Credentials {
  std::string client_id = "demo-client";
  std::string client_secret;
  std::chrono::seconds token_lifetime{3600};
};

class Api {
 public:
  explicit Api(Credentials credentials);

  // Nothing, when the request may become an event stream.
  std::optional<Response> answer(const Request& request, SteadyTime now);
  static bool is_token_request(const Request& request);
  Response answer_token(const Request& request, SteadyTime now);
  // Nothing: the request has a token that is valid.
  std::optional<Response> refuse_token(const Request& request, SteadyTime now) const;
  // No token granted so far is valid any more.
  void expire_tokens();

 private:
  Response grant_token(const Request& request, SteadyTime now);
  std::optional<Response> refuse_stream(const Request& request, SteadyTime now) const;
  bool is_client(const Request& request, const std::map<std::string, std::string>& form) const;

  Credentials credentials_;
  std::string basic_authorization_;
  std::map<std::string, SteadyTime> expiry_of_;
};

}  // namespace gcstream_sim
