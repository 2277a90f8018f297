#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace gcstreamd::testing {

class Peer;
class TempDir;

inline constexpr std::string_view kClientId = "0f1e2d3c-client";
inline constexpr std::string_view kClientSecret = "s3cr3t-of-this-client";
/// The secret's file in the temporary directory: the one place where it may stand.
inline constexpr std::string_view kSecretFile = "client_secret";

/// A configuration that works against the peer: one stream `main`, its sinks `events.ndjson` and
/// `audit.jsonl` in the directory.
nlohmann::json config_for(const Peer& peer, const TempDir& directory);

/// One event as the server sends it: valid JSON of about `size` bytes with Unicode in it, whose
/// timestamp grows with the number.
std::string event(std::uint64_t number, std::size_t size = 700);
/// The events `from` to `to`.
std::vector<std::string> events(std::uint64_t from, std::uint64_t to);

/// Checks the hash chain and the record numbers of an audit log's lines, in the words of the
/// contract. "" where they are whole, else what is wrong in which line.
std::string fault_in_chain(const std::vector<std::string>& lines);

}  // namespace gcstreamd::testing
