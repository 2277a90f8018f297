#include "gcstreamd/app/verify_command.hpp"

#include <fmt/format.h>

#include <csignal>
#include <iostream>

#include "gcstreamd/app/log_verifier.hpp"
#include "gcstreamd/app/progress_bar.hpp"
#include "gcstreamd/app/verify_files.hpp"
#include "gcstreamd/app/verify_report.hpp"

namespace gcstreamd {
namespace {

constexpr int kLosses = 1;
constexpr int kUsage = 64;
constexpr int kBroken = 65;
constexpr int kUnreadable = 66;
constexpr int kCannotWrite = 74;

void complain(const std::string& words) {
  std::cerr << "gcstreamd: " << words << '\n';
}

std::uint64_t size_of(const std::vector<VerifyFile>& files) {
  std::uint64_t bytes = 0;
  for (const VerifyFile& file : files)
    bytes += file.stored;
  return bytes;
}

/// False when a file cannot be read.
bool tell_of(const VerifyFiles& found) {
  for (const std::string& note : found.notes)
    complain("note: " + note);
  for (const std::string& fault : found.unreadable)
    complain(fault);
  return found.unreadable.empty();
}

int exit_code_of(const LogVerifier& verifier) {
  if (verifier.broken())
    return kBroken;
  return verifier.any_lost() ? kLosses : 0;
}

int print(const LogVerifier& verifier, bool signatures_checked) {
  const int code = exit_code_of(verifier);
  std::cout << verify_report(verifier, signatures_checked) << std::flush;
  if (std::cout)
    return code;
  complain("standard output cannot be written");
  return code == kBroken ? code : kCannotWrite;
}

}  // namespace

int run_verify(const VerifyRequest& request) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that left is told by the stream's state
  std::optional<SealPublicKeys> keys;
  if (!request.public_key.empty()) {
    std::string fault;
    keys = SealPublicKeys::load(request.public_key, fault);
    if (!keys) {
      complain(fmt::format("--public-key {}: {}", request.public_key, fault));
      return kUsage;
    }
  }
  const VerifyFiles found = look_at(request.files);
  if (!tell_of(found))
    return kUnreadable;
  const auto start = std::chrono::steady_clock::now();
  std::optional<ProgressBar> bar(std::in_place, size_of(found.files), start);
  LogVerifier verifier(keys ? &*keys : nullptr, [&bar](std::uint64_t bytes) {
    bar->show(bytes, std::chrono::steady_clock::now());
  });
  verifier.verify(found.files);
  bar.reset();
  if (const auto& unreadable = verifier.unreadable()) {
    complain(fmt::format("{}: {}", unreadable->path, unreadable->what));
    return kUnreadable;
  }
  return print(verifier, keys.has_value());
}

}  // namespace gcstreamd
