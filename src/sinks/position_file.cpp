#include "gcstreamd/sinks/position_file.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "gcstreamd/core/time_format.hpp"
#include "posix.hpp"

namespace gcstreamd {
namespace {

using boost::system::error_code;
using json = nlohmann::ordered_json;

constexpr int kVersion = 1;

/// A client id may hold any bytes; what is not UTF-8 is replaced, and then compares unequal.
std::string to_text(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string checksum(const json& body) {
  const std::string text = to_text(body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_sha256(), nullptr);
  std::string hex;
  append_hex(hex, hash.data(), size);
  return hex;
}

json body_of(const SavedPosition& position) {
  using Wish = SavedPosition::Wish;
  json heads = json::object();
  for (const auto& [sink, head] : position.heads)
    heads[sink] = {{"n", head.n}, {"hash", head.hash}};
  json body{{"version", kVersion},
            {"org", position.org},
            {"endpoint", position.endpoint},
            {"epoch", position.place.epoch},
            {"sequenceNumber", position.place.number},
            {"timestamp", position.timestamp ? json(format_time(*position.timestamp)) : json()},
            {"eventTypes", position.filter},
            {"chainHeads", std::move(heads)}};
  if (position.wish != Wish::none)
    body["wish"] = position.wish == Wish::tip ? "tip" : "number";
  return body;
}

SavedPosition::Wish wish_of(const json& body) {
  using Wish = SavedPosition::Wish;
  if (!body.contains("wish"))
    return Wish::none;
  return body.at("wish") == "tip" ? Wish::tip : Wish::number;
}

SavedPosition position_of(const json& body) {
  SavedPosition position;
  position.org = body.at("org").get<std::string>();
  position.endpoint = body.at("endpoint").get<std::string>();
  position.place.epoch = body.at("epoch").get<std::uint64_t>();
  position.place.number = body.at("sequenceNumber").get<SequenceNumber>();
  if (const json& timestamp = body.at("timestamp"); timestamp.is_string())
    position.timestamp = parse_time(timestamp.get<std::string>());
  if (body.contains("eventTypes"))
    position.filter = body.at("eventTypes").get<std::vector<std::string>>();
  position.wish = wish_of(body);
  for (const auto& [sink, head] : body.at("chainHeads").items())
    position.heads[sink] = {head.at("n").get<std::uint64_t>(), head.at("hash").get<std::string>()};
  return position;
}

error_code write_synced(const std::string& path, std::string_view text) {
  constexpr mode_t kMode = 0640;
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode));
  if (!file.ok())
    return last_error();
  if (const auto error = write_all(file.get(), text))
    return error;
  return ::fsync(file.get()) == 0 ? file.close() : last_error();
}

}  // namespace

std::string serialize(const SavedPosition& position) {
  json body = body_of(position);
  const std::string sum = checksum(body);
  body["checksum"] = sum;
  return to_text(body) + '\n';
}

std::optional<SavedPosition> parse_position(std::string_view text) {
  json body = json::parse(text, nullptr, false);
  if (!body.is_object() || !body.contains("checksum") || !body["checksum"].is_string())
    return std::nullopt;
  const std::string sum = body["checksum"].get<std::string>();
  body.erase("checksum");
  if (checksum(body) != sum || body["version"] != kVersion)
    return std::nullopt;
  try {
    return position_of(body);
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

error_code save_file(const std::string& path, std::string_view text) {
  const std::string temporary = path + ".tmp";
  if (const auto error = write_synced(temporary, text))
    return error;
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return last_error();
  return sync_parent(path);
}

}  // namespace gcstreamd
