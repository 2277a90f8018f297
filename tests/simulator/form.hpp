// application/x-www-form-urlencoded, as in token requests and query strings. Pure functions.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace gcstream_sim {

// The first value of each name; a malformed escape is kept as it is written.
std::map<std::string, std::string> read_form(std::string_view text);

}  // namespace gcstream_sim
