#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace gcstreamd::testing {

using Lines = std::vector<std::string>;

/// A file's bytes; "" where there is none.
std::string read_file(const std::filesystem::path& path);
/// The whole lines of a file, without their line breaks; an unfinished last one is left out.
Lines read_lines(const std::filesystem::path& path);
/// Where two long lists of lines first differ; "" when they are equal.
std::string first_difference(const Lines& actual, const Lines& expected);
/// The last `limit` bytes of a file, for failure messages.
std::string tail(const std::filesystem::path& path, std::size_t limit = 6000);

/// Waits until the file's lines satisfy `enough` and returns them. Throws, naming `awaited`, when
/// the deadline passes.
Lines wait_for_lines(const std::filesystem::path& path, std::string_view awaited,
                     const std::function<bool(const Lines&)>& enough);
/// Waits for the first line that satisfies `wanted` and returns it.
std::string wait_for_line(const std::filesystem::path& path, std::string_view awaited,
                          const std::function<bool(const std::string&)>& wanted);
/// Waits until the file holds so many bytes: cheaper than its lines, where it is asked often.
void wait_for_size(const std::filesystem::path& path, std::uintmax_t bytes);
Lines wait_for_line_count(const std::filesystem::path& path, std::size_t count);

/// All records of an audit file; throws where a line is not JSON.
std::vector<nlohmann::json> read_audit(const std::filesystem::path& path);
std::vector<nlohmann::json> records_of(const std::filesystem::path& path, std::string_view type);
/// Waits until the audit file holds `count` records of a type and returns all of that type.
std::vector<nlohmann::json> await_records(const std::filesystem::path& path, std::string_view type,
                                          std::size_t count = 1);

}  // namespace gcstreamd::testing
