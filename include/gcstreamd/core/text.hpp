#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gcstreamd {

/// A text of decimal digits alone; empty for anything else, and for what 64 bits do not hold.
std::optional<std::uint64_t> parse_number(std::string_view digits);

/// Percent-encodes everything but RFC 3986's unreserved characters.
std::string percent_encode(std::string_view text);

/// RFC 4648 base64 with padding.
std::string base64(std::string_view bytes);

/// With the letters of ASCII in lower case.
std::string lower(std::string_view text);

/// Without the one line break that ends the text of a file.
std::string_view without_line_break(std::string_view text);

void replace_all(std::string& text, std::string_view from, std::string_view to);

std::string join(std::span<const std::string> parts, std::string_view separator);
std::string join(std::span<const std::string_view> parts, std::string_view separator);

/// The candidate that is at most a third of its length away in edits, or "" when none is near.
std::string_view nearest(std::string_view text, std::span<const std::string_view> candidates);

/// `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so the result
/// is always valid JSON.
std::string json_string(std::string_view text);
/// As json_string, added to `out`.
void append_json_string(std::string& out, std::string_view text);

/// The first `limit` bytes at most, cut between characters; bytes that are not UTF-8 are replaced
/// by `?`, so that the result is UTF-8.
std::string clip(std::string_view text, std::size_t limit);

/// With a question mark in place of each control character (C0, C1, and what turns the direction of
/// writing): nothing in it steers a terminal.
std::string for_terminal(std::string text);

}  // namespace gcstreamd
