#pragma once

#include <string>
#include <string_view>

namespace gcstreamd {

/// Copies a JSON text and puts `0` in the place of each number that is written as RFC 8259 allows
/// but is too wide for 64 bits or a double, so that a parser which refuses such numbers can
/// validate the rest. False when the text holds a number that the RFC does not allow.
bool replace_wide_numbers(std::string_view text, std::string& out);

}  // namespace gcstreamd
