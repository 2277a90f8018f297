#pragma once

#include <string_view>

namespace gcstreamd {

/// The HTTP status that a server's free text names by number or by word ("403 Forbidden",
/// "unauthorized"); 0 where it names none. Only 401, 403 and 429 are looked for.
int status_in_words(std::string_view words);

}  // namespace gcstreamd
