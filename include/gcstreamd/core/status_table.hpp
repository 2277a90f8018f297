#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gcstreamd {

/// The daemon's status, as its JSON says it (docs/status.md), in tables for a terminal. Empty where
/// the text is no such JSON. Control characters are replaced: nothing in it steers the terminal.
std::optional<std::string> status_table(std::string_view json);

/// Rows with columns as wide as they must be, two spaces between them.
std::string align(const std::vector<std::vector<std::string>>& rows);

/// "12 s", "3 min", "5 h 02 min", "2 d 03 h"; under a second "now".
std::string for_people(std::chrono::seconds duration);
/// "12.3 GiB".
std::string bytes_for_people(std::uint64_t bytes);

}  // namespace gcstreamd
