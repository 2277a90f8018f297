#pragma once

#include <string_view>
#include <vector>

namespace gcstreamd {

/// The bytes of a member's value within a JSON object that was validated before; "" where no key is
/// written exactly as `key`. Keys inside other values are not looked at.
std::string_view member_text(std::string_view object, std::string_view key);

/// The bytes of each element of a JSON array that was validated before; none for anything else.
std::vector<std::string_view> element_texts(std::string_view array);

}  // namespace gcstreamd
