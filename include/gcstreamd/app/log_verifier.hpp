#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gcstreamd/app/verify_files.hpp"
#include "gcstreamd/core/audit_summary.hpp"
#include "gcstreamd/sinks/chain_check.hpp"
#include "gcstreamd/sinks/line_reader.hpp"

namespace gcstreamd {

/// A place in a log for people, and what is there.
struct LogPlace {
  std::string path;
  std::uint64_t line = 0;
  std::string what;
};

/// Reads audit logs and checks them, file by file in the order that look_at gives. A file goes on
/// with the chain whose head its first record links to. Stops at the first broken record and where
/// a file cannot be read.
class LogVerifier {
 public:
  struct Chain {
    ChainCheck check;
    AuditSummary summary;
    std::vector<std::string> files;
    std::optional<LogPlace> unfinished;  ///< the last file's last line
  };
  /// Logs of one stream without a chain: only their JSON is checked.
  struct Unchained {
    std::string stream;
    AuditSummary summary;
    std::vector<std::string> files;
  };
  /// Told now and then how many bytes, as they are stored, were read by now.
  using Progress = std::function<void(std::uint64_t bytes)>;

  /// `keys`: null, or what seals are checked with; lives longer than this.
  LogVerifier(const SealPublicKeys* keys, Progress progress)
      : keys_(keys), progress_(std::move(progress)) {}

  void verify(const std::vector<VerifyFile>& files);

  const std::vector<Chain>& chains() const { return chains_; }
  const std::vector<Unchained>& unchained() const { return unchained_; }
  const std::vector<LogPlace>& unfinished() const { return unfinished_; }  ///< no fault
  const std::optional<LogPlace>& broken() const { return broken_; }
  const std::optional<LogPlace>& unreadable() const { return unreadable_; }
  bool any_lost() const;

 private:
  using Take = std::function<std::string(std::string_view line)>;

  bool verify_file(const VerifyFile& file);
  bool verify_chained(const VerifyFile& file, LogSource& source);
  bool verify_unchained(const VerifyFile& file, LogSource& source);
  bool read_lines(const VerifyFile& file, LogSource& source, const Take& take,
                  std::optional<LogPlace>& unfinished);
  bool ended_well(const VerifyFile& file, const LogSource& source, const LineReader& lines);
  Chain* chain_for(const VerifyFile& file);
  Chain* chain_before(const VerifyFile& file);
  Unchained& unchained_for(const VerifyFile& file);
  /// Whether nothing is missing between the chain's last file and this one.
  bool follows(const VerifyFile& file, const Chain& chain);
  bool break_at(const std::string& path, std::uint64_t line, std::string what);
  void demand_seals();

  const SealPublicKeys* keys_;
  Progress progress_;
  std::vector<Chain> chains_;
  std::vector<Unchained> unchained_;
  std::vector<LogPlace> unfinished_;
  std::optional<LogPlace> broken_;
  std::optional<LogPlace> unreadable_;
  std::uint64_t bytes_before_ = 0;  ///< of the files that were read to their end
};

}  // namespace gcstreamd
