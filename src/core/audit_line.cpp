#include "gcstreamd/core/audit_line.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

namespace dom = simdjson::dom;

static_assert(AuditLineParser::kPadding >= simdjson::SIMDJSON_PADDING);

using Text = std::string_view AuditLine::*;
using Number = std::optional<std::uint64_t> AuditLine::*;

struct Key {
  std::string_view name;
  Text text = nullptr;
  Number number = nullptr;
};

constexpr Key kKeys[] = {
    {.name = "ts", .text = &AuditLine::ts},
    {.name = "n", .number = &AuditLine::n},
    {.name = "hash", .text = &AuditLine::hash},
    {.name = "type", .text = &AuditLine::type},
    {.name = "stream", .text = &AuditLine::stream},
    {.name = "sequenceNumber", .number = &AuditLine::sequence_number},
    {.name = "to", .text = &AuditLine::to_time, .number = &AuditLine::to},
    {.name = "from", .text = &AuditLine::from_time, .number = &AuditLine::from},
    {.name = "sink", .text = &AuditLine::sink},
    {.name = "unheardFrom", .text = &AuditLine::unheard_from},
    {.name = "count", .number = &AuditLine::count},
    {.name = "missing", .number = &AuditLine::missing},
    {.name = "sealNumber", .number = &AuditLine::seal_number},
    {.name = "previousSeal", .text = &AuditLine::previous_seal},
    {.name = "headRecord", .number = &AuditLine::head_record},
    {.name = "headHash", .text = &AuditLine::head_hash},
    {.name = "keyId", .text = &AuditLine::key_id},
    {.name = "signature", .text = &AuditLine::signature},
};

const Key* find(std::string_view name) {
  for (const Key& key : kKeys)
    if (key.name == name)
      return &key;
  return nullptr;
}

/// A value of another type than ours stays empty: whoever needs it tells that it is missing.
void take(const Key& key, dom::element value, AuditLine& record) {
  std::string_view text;
  if (key.text && value.get(text) == simdjson::SUCCESS)
    record.*key.text = text;
  std::uint64_t number = 0;
  if (key.number && value.get(number) == simdjson::SUCCESS)
    record.*key.number = number;
}

std::string take_all(dom::object object, AuditLine& record) {
  unsigned seen = 0;
  for (const auto field : object) {
    const Key* key = find(field.key);
    if (!key)
      continue;
    const unsigned bit = 1U << static_cast<unsigned>(key - kKeys);
    if ((seen & bit) != 0)
      return fmt::format("the key {} is there twice", json_string(field.key));
    seen |= bit;
    take(*key, field.value, record);
  }
  return {};
}

}  // namespace

struct AuditLineParser::Json {
  dom::parser parser;
};

AuditLineParser::AuditLineParser() : json_(std::make_unique<Json>()) {}
AuditLineParser::~AuditLineParser() = default;
AuditLineParser::AuditLineParser(AuditLineParser&&) noexcept = default;

std::string AuditLineParser::parse(std::string_view line, AuditLine& record) {
  constexpr bool kCopy = false;  // the padding is there
  record = {};
  dom::element root;
  const auto error = json_->parser.parse(line.data(), line.size(), kCopy).get(root);
  if (error != simdjson::SUCCESS)
    return fmt::format("not valid JSON: {}", simdjson::error_message(error));
  dom::object object;
  if (root.get(object) != simdjson::SUCCESS)
    return "not a JSON object";
  if (auto fault = take_all(object, record); !fault.empty())
    return fault;
  if (record.ts.empty() || record.stream.empty() || record.type.empty())
    return "not an audit record: ts, stream or type is missing";
  return {};
}

}  // namespace gcstreamd
