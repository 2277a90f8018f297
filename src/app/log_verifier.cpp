#include "gcstreamd/app/log_verifier.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gcstreamd/sinks/read_ahead.hpp"

namespace gcstreamd {
namespace {

std::string numbers(std::uint64_t from, std::uint64_t to) {
  return from == to ? fmt::format("record {} is", from)
                    : fmt::format("records {} to {} are", from, to);
}

}  // namespace

void LogVerifier::verify(const std::vector<VerifyFile>& files) {
  for (const VerifyFile& file : files) {
    if (!verify_file(file))
      return;
    bytes_before_ += file.stored;
    progress_(bytes_before_);
  }
  for (const Chain& chain : chains_)
    if (chain.unfinished)
      unfinished_.push_back(*chain.unfinished);
  demand_seals();
}

bool LogVerifier::verify_file(const VerifyFile& file) {
  OpenedLog log = open_log(file.path);
  if (!log.source || log.id != file.id) {
    unreadable_ = {
        file.path, 0,
        log.source ? "another file took its name in the meantime: start again" : log.fault.what};
    return false;
  }
  if (log.compressed)
    log.source = std::make_unique<ReadAhead>(std::move(log.source));
  return file.chained ? verify_chained(file, *log.source) : verify_unchained(file, *log.source);
}

bool LogVerifier::verify_chained(const VerifyFile& file, LogSource& source) {
  Chain* chain = chain_for(file);
  if (!chain)
    chain = chain_before(file);
  if (chain && !follows(file, *chain))
    return false;
  if (!chain && file.n != file.told_n && file.told_n > 0)
    return break_at(file.path, 1,
                    fmt::format("its n is {}, and the record after it, which links to it, is {}",
                                file.told_n, file.n + 1));
  if (!chain)
    chain = &chains_.emplace_back(Chain{ChainCheck(keys_), {}, {}, {}});
  chain->files.push_back(file.path);
  return read_lines(
      file, source,
      [chain](std::string_view line) {
        auto fault = chain->check.check(line);
        if (fault.empty())
          chain->summary.add(chain->check.record());
        return fault;
      },
      chain->unfinished);
}

bool LogVerifier::verify_unchained(const VerifyFile& file, LogSource& source) {
  Unchained& log = unchained_for(file);
  log.files.push_back(file.path);
  AuditLineParser parser;
  AuditLine record;
  std::optional<LogPlace> unfinished;
  const bool whole = read_lines(
      file, source,
      [&](std::string_view line) {
        auto fault = parser.parse(line, record);
        if (fault.empty() && (record.n || !record.hash.empty()))
          fault =
              "a chained record in a log without a chain: chain was switched on here, or it was "
              "taken out of the lines before";
        if (fault.empty())
          log.summary.add(record);
        return fault;
      },
      unfinished);
  if (unfinished)
    unfinished_.push_back(*unfinished);
  return whole;
}

bool LogVerifier::read_lines(const VerifyFile& file, LogSource& source, const Take& take,
                             std::optional<LogPlace>& unfinished) {
  constexpr std::uint64_t kTellEvery = 4096;
  LineReader lines(source);
  while (const auto line = lines.next()) {
    if (auto fault = take(*line); !fault.empty())
      return break_at(file.path, lines.line(), std::move(fault));
    if (lines.line() % kTellEvery == 0)
      progress_(bytes_before_ + source.consumed());
  }
  if (!ended_well(file, source, lines))
    return false;
  if (!lines.unfinished().empty())
    unfinished = {file.path, lines.line() + 1, {}};
  return true;
}

bool LogVerifier::ended_well(const VerifyFile& file, const LogSource& source,
                             const LineReader& lines) {
  const ReadFault fault = source.fault();
  if (fault.kind == ReadFault::Kind::unreadable) {
    unreadable_ = {file.path, 0, fault.what};
    return false;
  }
  if (fault.kind == ReadFault::Kind::damaged)
    return break_at(file.path, lines.line() + 1, fault.what);
  if (lines.too_long())
    return break_at(file.path, lines.line() + 1, "the line is longer than any audit record");
  if (lines.line() == 0)
    return break_at(file.path, 1, "there is no audit record in it");
  return true;
}

LogVerifier::Chain* LogVerifier::chain_for(const VerifyFile& file) {
  const auto found = std::find_if(chains_.begin(), chains_.end(), [&](const Chain& chain) {
    return chain.check.continues_with(file.first);
  });
  return found == chains_.end() ? nullptr : &*found;
}

/// The chain that a file which links to none should go on with: the furthest one of its stream that
/// ends before it. A single record may have been given another stream's name.
LogVerifier::Chain* LogVerifier::chain_before(const VerifyFile& file) {
  Chain* before = nullptr;
  for (Chain& chain : chains_) {
    const auto& streams = chain.summary.streams();
    const bool same_stream =
        std::any_of(streams.begin(), streams.end(), [&](const StreamSummary& one) {
          return one.stream() == file.stream || one.stream() == file.second_stream;
        });
    const std::uint64_t head = chain.check.head().n;
    const bool next = head + 1 == file.n && file.second_stream.empty();
    if (head < file.n && file.n > 1 && (same_stream || next) &&
        (!before || head > before->check.head().n))
      before = &chain;
  }
  return before;
}

bool LogVerifier::follows(const VerifyFile& file, const Chain& chain) {
  const std::uint64_t head = chain.check.head().n;
  if (chain.unfinished)
    return break_at(chain.unfinished->path, chain.unfinished->line,
                    fmt::format("the line is unfinished, and {} goes on after it", file.path));
  if (head + 1 == file.n)
    return true;
  return break_at(file.path, 1,
                  fmt::format("{} missing between {} and this file (two sinks' logs that begin "
                              "late are to be verified one by one)",
                              numbers(head + 1, file.n - 1), chain.files.back()));
}

LogVerifier::Unchained& LogVerifier::unchained_for(const VerifyFile& file) {
  const auto found = std::find_if(unchained_.begin(), unchained_.end(),
                                  [&](const auto& log) { return log.stream == file.stream; });
  return found != unchained_.end() ? *found
                                   : unchained_.emplace_back(Unchained{file.stream, {}, {}});
}

/// A log without a single seal may have been written anew as a whole.
void LogVerifier::demand_seals() {
  if (!keys_)
    return;
  const auto bare = std::find_if(chains_.begin(), chains_.end(),
                                 [](const Chain& chain) { return chain.check.seals().count == 0; });
  if (bare != chains_.end())
    break_at(bare->files.front(), 1,
             "there is no seal in this log: nothing of it is signed (a part of a log needs the "
             "files up to the next seal)");
  else if (!unchained_.empty())
    break_at(unchained_.front().files.front(), 1, "the log has no chain: nothing of it is signed");
}

bool LogVerifier::break_at(const std::string& path, std::uint64_t line, std::string what) {
  broken_ = {path, line, std::move(what)};
  return false;
}

bool LogVerifier::any_lost() const {
  const auto lost = [](const auto& log) { return log.summary.any_lost(); };
  return std::any_of(chains_.begin(), chains_.end(), lost) ||
         std::any_of(unchained_.begin(), unchained_.end(), lost);
}

}  // namespace gcstreamd
