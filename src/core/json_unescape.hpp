#pragma once

#include <string>
#include <string_view>

namespace gcstreamd {

/// Puts into `out` the text that a JSON string (without its quotes) says. Half a surrogate pair,
/// which is no character, becomes three bytes of its own. False where an escape is none of JSON's;
/// `out` is then of no use.
bool unescape_json(std::string_view string, std::string& out);

}  // namespace gcstreamd
