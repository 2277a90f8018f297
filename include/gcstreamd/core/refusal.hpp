#pragma once

#include <string_view>

namespace gcstreamd {

/// The HTTP status that a server's free text names by number or by word ("403 Forbidden",
/// "unauthorized"); 0 where it names none. Only 401, 403 and 429 are looked for. A number alone
/// counts only where the text does not speak of the position: there it is a sequence number.
int status_in_words(std::string_view words);

/// Whether a server's free text is about the position that it was asked to resume at.
bool speaks_of_position(std::string_view words);

}  // namespace gcstreamd
