#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gcstreamd/core/analytics_stream.hpp"
#include "gcstreamd/core/audit_line.hpp"
#include "gcstreamd/sinks/audit_chain.hpp"
#include "gcstreamd/sinks/seal.hpp"

namespace gcstreamd {

/// What one whole line of a sink's own file tells when it is read back.
struct LineFacts {
  std::string fault;                  ///< "" or why the sink cannot have written it
  SequenceNumber number = kNoNumber;  ///< up to which the file holds its stream
  std::optional<WallTime> timestamp;  ///< of the event, where the line is one
  std::size_t content = 0;            ///< of the event, as SequenceVerifier remembers it
};

/// Reads a file's lines back, one after the other. A line has Protocol::kPadding readable bytes
/// behind it.
class TailReader {
 public:
  virtual ~TailReader() = default;
  virtual LineFacts read(std::string_view line) = 0;
  /// The next line follows others that are not read.
  virtual void jump() {}
  /// Of the last line that was read, or the one that was given before any.
  virtual std::optional<ChainHead> head() const { return std::nullopt; }
  /// The last seal among them, likewise.
  virtual SealHead seal() const { return {}; }
};

/// Of a `file` sink: one event a line.
class EventTailReader : public TailReader {
 public:
  /// `last`: the number that the file is known to reach up to.
  explicit EventTailReader(SequenceNumber last) : last_(last), protocol_({}, 0) {}
  LineFacts read(std::string_view line) override;
  void jump() override { last_ = kNoNumber; }

 private:
  SequenceNumber last_;
  AnalyticsStream protocol_;
};

/// Tells a line's number where lines hold none: empty where the stream cannot have written it,
/// kNoNumber where its number is forgotten.
using LineNumbers = std::function<std::optional<SequenceNumber>(std::string_view line)>;

/// Of a `file` sink whose lines hold no number.
class CountedTailReader : public TailReader {
 public:
  /// `counts`: every number has a line, so that a forgotten one is the next.
  CountedTailReader(SequenceNumber last, bool counts, LineNumbers number_of)
      : last_(last), counts_(counts), number_of_(std::move(number_of)) {}
  LineFacts read(std::string_view line) override;
  void jump() override { last_ = kNoNumber; }

 private:
  SequenceNumber last_;
  bool counts_;
  LineNumbers number_of_;
};

/// Of an `audit` sink: one record a line, chained where the chain is on.
class AuditTailReader : public TailReader {
 public:
  /// `head`: of the record before the first line; empty where that is not known. `seal`: the last
  /// one before it.
  AuditTailReader(bool chained, std::optional<ChainHead> head, SealHead seal = {});
  LineFacts read(std::string_view line) override;
  void jump() override;
  /// The furthest of them all.
  std::optional<ChainHead> head() const override;
  SealHead seal() const override { return seal_; }

 private:
  static std::string chain_fault(std::string_view line, const ChainHead& head);

  bool chained_;
  std::optional<ChainHead> head_;
  std::optional<ChainHead> before_;  ///< the furthest before the last jump
  SealHead seal_;
  AuditLineParser parser_;
};

}  // namespace gcstreamd
