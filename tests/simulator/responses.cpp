#include "simulator/responses.hpp"

#include <nlohmann/json.hpp>

#include "simulator/secrets.hpp"

namespace gcstream_sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kContextBytes = 16;

}  // namespace

Response api_error(unsigned status, std::string_view code, std::string_view message) {
  const Json body{{"message", message},       {"code", code},
                  {"status", status},         {"contextId", random_hex(kContextBytes)},
                  {"details", Json::array()}, {"errors", Json::array()}};
  Response response = json_response(body);
  response.status = status;
  return response;
}

Response json_response(const Json& body) {
  Response response;
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

}  // namespace gcstream_sim
