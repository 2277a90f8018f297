#include "gcstreamd/sinks/tail_reader.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <functional>

#include "gcstreamd/core/sequence_verifier.hpp"

namespace gcstreamd {
namespace {

LineFacts faulty(std::string fault) {
  LineFacts facts;
  facts.fault = std::move(fault);
  return facts;
}

/// Numbers that a record moves the file's place to: events, and losses of the stream as a whole.
SequenceNumber number_in(const simdjson::dom::object& record) {
  std::string_view type;
  std::uint64_t number = kNoNumber;
  if (record["type"].get(type) != simdjson::SUCCESS)
    return kNoNumber;
  const bool told = type == "event_received"
                        ? record["sequenceNumber"].get(number) == simdjson::SUCCESS
                        : type == "events_lost" && record["sink"].error() != simdjson::SUCCESS &&
                              record["to"].get(number) == simdjson::SUCCESS;
  return told ? number : kNoNumber;
}

}  // namespace

LineFacts EventTailReader::read(std::string_view line) {
  const Frame frame = protocol_.decode(line);
  if (const auto* rejection = std::get_if<Rejection>(&frame))
    return faulty("not an event: " + rejection->error);
  const auto* event = std::get_if<Event>(&frame);
  if (!event)
    return faulty("not an event");
  if (event->number != kNoNumber && event->number <= last_)
    return faulty(fmt::format("event {} stands behind event {}", event->number, last_));
  if (event->number != kNoNumber)
    last_ = event->number;
  LineFacts facts;
  facts.number = event->number;
  facts.timestamp = event->timestamp;
  facts.content = SequenceVerifier::content_of(event->line);
  return facts;
}

bool EventTailReader::follows(std::string_view line) {
  const Frame frame = protocol_.decode(line);
  const auto* event = std::get_if<Event>(&frame);
  return event && (event->number == kNoNumber || event->number > last_);
}

struct AuditTailReader::Parser {
  simdjson::dom::parser json;
};

AuditTailReader::AuditTailReader(bool chained, std::optional<ChainHead> head)
    : chained_(chained), head_(std::move(head)), parser_(std::make_unique<Parser>()) {}

AuditTailReader::~AuditTailReader() = default;

LineFacts AuditTailReader::read(std::string_view line) {
  simdjson::dom::object record;
  constexpr bool kPadded = false;  // "do not copy": the padding is there
  if (const auto error = parser_->json.parse(line.data(), line.size(), kPadded).get(record))
    return faulty(fmt::format("not a record: {}", simdjson::error_message(error)));
  LineFacts facts;
  facts.number = number_in(record);
  const auto head = chain_head_of(line);
  if (chained_ && head_)
    facts.fault = chain_fault(line, *head_);
  if (head)
    head_ = head;
  return facts;
}

bool AuditTailReader::follows(std::string_view line) {
  return !chained_ || !head_ || chain_fault(line, *head_).empty();
}

void AuditTailReader::jump() {
  before_ = head();
  head_.reset();
}

std::optional<ChainHead> AuditTailReader::head() const {
  return head_ && before_ ? (head_->n >= before_->n ? head_ : before_) : head_ ? head_ : before_;
}

std::string AuditTailReader::chain_fault(std::string_view line, const ChainHead& head) {
  const auto own = chain_head_of(line);
  if (!own)
    return "a record without number and hash";
  chain_.continue_from(head);
  std::string again(line.substr(0, line.rfind(",\"n\":")));
  chain_.seal_line(again, 0);
  if (chain_.head() == *own)
    return {};
  return fmt::format("record {} does not follow record {} by its hash", own->n, head.n);
}

}  // namespace gcstreamd
