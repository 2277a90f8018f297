#include "gcstreamd/sinks/tail_reader.hpp"

#include <fmt/format.h>
#include <algorithm>
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
SequenceNumber number_in(const AuditLine& record) {
  if (record.type == "event_received")
    return record.sequence_number.value_or(kNoNumber);
  const bool lost = record.type == "events_lost" && record.sink.empty();
  return lost ? record.to.value_or(kNoNumber) : kNoNumber;
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

LineFacts CountedTailReader::read(std::string_view line) {
  const auto known = number_of_(line);
  if (!known)
    return faulty("neither an event nor a recovered record");
  LineFacts facts;
  if (*known > last_)
    facts.number = *known;
  else if (counts_ && last_ != kNoNumber)
    facts.number = last_ + 1;
  last_ = std::max(last_, facts.number);
  return facts;
}

AuditTailReader::AuditTailReader(bool chained, std::optional<ChainHead> head, SealHead seal)
    : chained_(chained), head_(std::move(head)), seal_(std::move(seal)) {}

LineFacts AuditTailReader::read(std::string_view line) {
  AuditLine record;
  if (std::string fault = parser_.parse(line, record); !fault.empty())
    return faulty("not a record: " + std::move(fault));
  LineFacts facts;
  facts.number = number_in(record);
  if (chained_ && head_)
    facts.fault = chain_fault(line, *head_);
  if (auto head = chain_head_of(line))
    head_ = std::move(head);
  if (auto seal = seal_head_of(line))
    seal_ = std::move(*seal);
  return facts;
}

std::string AuditTailReader::chain_fault(std::string_view line, const ChainHead& head) {
  const auto own = split_chained(line);
  if (!own)
    return "a record without number and hash";
  if (own->n == head.n + 1 && AuditChain::links(head, *own))
    return {};
  return fmt::format("record {} does not follow record {} by its hash", own->n, head.n);
}

void AuditTailReader::jump() {
  before_ = head();
  head_.reset();
}

std::optional<ChainHead> AuditTailReader::head() const {
  return head_ && before_ ? (head_->n >= before_->n ? head_ : before_) : head_ ? head_ : before_;
}

}  // namespace gcstreamd
