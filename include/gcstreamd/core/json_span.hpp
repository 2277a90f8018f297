#pragma once

#include <string_view>

namespace gcstreamd {

/// The bytes of a member's value within a JSON object that was validated before; "" where no key is
/// written exactly as `key`. Keys inside other values are not looked at.
std::string_view member_text(std::string_view object, std::string_view key);

}  // namespace gcstreamd
