#include "gcstreamd/app/verify_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <tuple>

#include "gcstreamd/core/audit_line.hpp"
#include "gcstreamd/sinks/audit_chain.hpp"
#include "gcstreamd/sinks/chain_check.hpp"
#include "gcstreamd/sinks/line_reader.hpp"

namespace gcstreamd {
namespace {

constexpr std::size_t kPeekBlock = 16384;

bool is_torn_tail(const std::string& path) {
  return std::filesystem::path(path).filename().string().find(".torn-") != std::string::npos;
}

/// What a record that the daemon did not finish may look like: its beginning, or nothing yet.
bool may_be_unfinished(std::string_view text) {
  return text.empty() || text.front() == '{' || text.front() == '\0';
}

/// The second record knows better which number the first one has: the first one may be changed.
void take_second(VerifyFile& file, std::string_view line) {
  AuditLineParser parser;
  AuditLine record;
  if (!parser.parse(line, record).empty())
    return;
  file.second_stream = record.stream;
  const auto second = split_chained(line);
  if (!second || second->n < 2)
    return;
  const auto first = split_chained(file.first);
  const bool links = first && AuditChain::links({second->n - 1, std::string(first->hash)}, *second);
  if (links || !first)
    file.n = second->n - 1;
  file.chained = true;
}

void take_first(VerifyFile& file, std::string_view line) {
  AuditLineParser parser;
  AuditLine record;
  file.first = line;
  if (!parser.parse(line, record).empty())
    return;
  file.ts = record.ts;
  file.stream = record.stream;
  file.chained = record.n || !record.hash.empty();
  if (const auto parts = split_chained(line))
    file.n = file.told_n = parts->n;
}

/// False when there is no record in it.
bool peek(VerifyFile& file, LogSource& source) {
  LineReader lines(source, kPeekBlock);
  const auto first = lines.next();
  if (!first)
    return source.fault().kind == ReadFault::Kind::damaged || lines.too_long() ||
           !may_be_unfinished(lines.unfinished());
  take_first(file, *first);
  if (const auto second = lines.next())
    take_second(file, *second);
  return true;
}

/// How two files that begin with the same record go on.
enum class Likeness { differ, equal, first_is_beginning, second_is_beginning };

/// Reads until `size` bytes are there or the source ends.
std::size_t read_full(LogSource& source, std::vector<char>& block) {
  std::size_t size = 0;
  std::size_t got = 1;
  while (got > 0 && size < block.size()) {
    got = source.read(block.data() + size, block.size() - size);
    size += got;
  }
  return size;
}

Likeness compare(const VerifyFile& one, const VerifyFile& other) {
  const OpenedLog left = open_log(one.path);
  const OpenedLog right = open_log(other.path);
  if (!left.source || !right.source)
    return Likeness::differ;
  std::vector<char> a(LineReader::kBlock);
  std::vector<char> b(LineReader::kBlock);
  while (true) {
    const std::size_t in_a = read_full(*left.source, a);
    const std::size_t in_b = read_full(*right.source, b);
    const auto common = static_cast<std::ptrdiff_t>(std::min(in_a, in_b));
    if (!std::equal(a.begin(), a.begin() + common, b.begin()))
      return Likeness::differ;
    if (in_a != in_b)
      return in_a < in_b ? Likeness::first_is_beginning : Likeness::second_is_beginning;
    if (in_a < a.size())
      return Likeness::equal;
  }
}

class Look {
 public:
  explicit Look(VerifyFiles& found) : found_(found) {}

  void take(const std::string& path) {
    if (is_torn_tail(path))
      return note(path, "passed over: an unfinished line that was moved away");
    OpenedLog log = open_log(path);
    if (!log.source)
      return refuse(path, log.fault.what);
    const bool known = std::any_of(found_.files.begin(), found_.files.end(),
                                   [&](const auto& file) { return file.id == log.id; });
    if (known)
      return note(path, "named twice, read once");
    VerifyFile file;
    file.path = path;
    file.id = log.id;
    file.stored = log.stored;
    file.compressed = log.compressed;
    const bool has_record = peek(file, *log.source);
    if (log.source->fault().kind == ReadFault::Kind::unreadable)
      return refuse(path, log.source->fault().what);
    if (!has_record)
      return note(path, "passed over: there is no whole record in it");
    found_.files.push_back(std::move(file));
  }

  void sort() {
    std::stable_sort(found_.files.begin(), found_.files.end(),
                     [](const VerifyFile& one, const VerifyFile& other) {
                       return std::tie(one.n, one.ts, one.first, one.compressed, one.path) <
                              std::tie(other.n, other.ts, other.first, other.compressed,
                                       other.path);
                     });
  }

  void drop_copies() {
    std::vector<VerifyFile> kept;
    for (VerifyFile& file : found_.files)
      if (!is_copy(file, kept))
        kept.push_back(std::move(file));
    found_.files = std::move(kept);
  }

 private:
  void note(const std::string& path, std::string_view what) {
    found_.notes.push_back(fmt::format("{}: {}", path, what));
  }
  void refuse(const std::string& path, const std::string& what) {
    found_.unreadable.push_back(fmt::format("{}: {}", path, what));
  }

  /// Two audit sinks of one stream begin with the same record, too, and are no copies.
  bool is_copy(VerifyFile& file, std::vector<VerifyFile>& kept) {
    for (VerifyFile& before : kept) {
      if (file.first.empty() || before.first != file.first)
        continue;
      const Likeness likeness = compare(before, file);
      if (likeness == Likeness::differ)
        continue;
      if (likeness == Likeness::first_is_beginning)
        std::swap(before, file);
      note(file.path, fmt::format("passed over: {} holds the same records{}", before.path,
                                  likeness == Likeness::equal ? "" : " and more"));
      return true;
    }
    return false;
  }

  VerifyFiles& found_;
};

}  // namespace

VerifyFiles look_at(const std::vector<std::string>& paths) {
  VerifyFiles found;
  Look look(found);
  for (const std::string& path : paths)
    look.take(path);
  look.sort();
  look.drop_copies();
  return found;
}

}  // namespace gcstreamd
