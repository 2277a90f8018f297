#include "gcstreamd/sinks/position_file.hpp"

#include <openssl/evp.h>

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

json body_of(const SavedSink& sink) {
  json body{{"type", sink.type},
            {"path", sink.path},
            {"device", sink.file.device},
            {"inode", sink.file.inode},
            {"birth", sink.file.birth},
            {"offset", sink.offset},
            {"epochOffset", sink.epoch_offset},
            {"epoch", sink.place.epoch},
            {"sequenceNumber", sink.place.number},
            {"n", sink.head.n},
            {"hash", sink.head.hash},
            {"sealNumber", sink.seal.number},
            {"sealHash", sink.seal.hash}};
  if (sink.redacted)
    body["redacted"] = true;
  return body;
}

SavedSink sink_of(const json& body) {
  SavedSink sink;
  if (body.contains("type"))
    sink.type = body.at("type").get<std::string>();
  sink.path = body.at("path").get<std::string>();
  sink.file.device = body.at("device").get<std::uint64_t>();
  sink.file.inode = body.at("inode").get<std::uint64_t>();
  sink.file.birth = body.at("birth").get<std::uint64_t>();
  sink.offset = body.at("offset").get<std::uint64_t>();
  sink.epoch_offset = body.at("epochOffset").get<std::uint64_t>();
  sink.place.epoch = body.at("epoch").get<std::uint64_t>();
  sink.place.number = body.at("sequenceNumber").get<SequenceNumber>();
  sink.head.n = body.at("n").get<std::uint64_t>();
  sink.head.hash = body.at("hash").get<std::string>();
  sink.seal.number = body.at("sealNumber").get<std::uint64_t>();
  sink.seal.hash = body.at("sealHash").get<std::string>();
  sink.redacted = body.value("redacted", false);
  return sink;
}

json body_of(const SavedPosition& position) {
  using Wish = SavedPosition::Wish;
  json sinks = json::object();
  for (const auto& [name, sink] : position.sinks)
    sinks[name] = body_of(sink);
  json body{{"version", kVersion},
            {"org", position.org},
            {"endpoint", position.endpoint},
            {"epoch", position.place.epoch},
            {"sequenceNumber", position.place.number},
            {"timestamp", position.timestamp ? json(format_time(*position.timestamp)) : json()},
            {"eventTypes", position.filter},
            {"sinks", std::move(sinks)}};
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
  for (const auto& [name, sink] : body.at("sinks").items())
    position.sinks[name] = sink_of(sink);
  return position;
}

std::string temporary_of(const std::string& path) {
  return path + ".tmp";
}

error_code write_synced(Disk& disk, const std::string& path, std::string_view text) {
  constexpr unsigned kMode = 0640;
  const auto file = disk.open(path, kMode);
  if (!file)
    return file.error();
  if (const auto error = (*file)->truncate(0))
    return error;
  if (const auto error = (*file)->append(text))
    return error;
  return (*file)->sync();
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

std::string previous_of(const std::string& path) {
  return path + ".previous";
}

error_code prepare_file(Disk& disk, const std::string& path, std::string_view text) {
  return write_synced(disk, temporary_of(path), text);
}

error_code put_in_place(Disk& disk, const std::string& path) {
  const auto kept = disk.replace(path, previous_of(path));
  if (kept && kept != boost::system::errc::no_such_file_or_directory)
    return kept;
  if (const auto error = disk.replace(temporary_of(path), path))
    return error;
  return disk.sync_directory(path);
}

error_code save_file(Disk& disk, const std::string& path, std::string_view text) {
  const auto error = prepare_file(disk, path, text);
  return error ? error : put_in_place(disk, path);
}

}  // namespace gcstreamd
