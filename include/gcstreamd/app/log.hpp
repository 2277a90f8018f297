#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// The daemon's own diagnostics, on standard error: with a time for people, or with systemd's
/// priority prefixes (sd-daemon(3)) for the journal. Never on standard output. Where standard error
/// is the journal, `journal_socket` says where it takes entries with the fields STREAM and EVENT;
/// what is not taken there goes to standard error. "": standard error is not the journal.
std::shared_ptr<spdlog::logger> make_log(const LogConfig& config,
                                         const std::string& journal_socket);

/// Changes level and target of a log that is in use.
void configure_log(spdlog::logger& log, const LogConfig& config);

/// The stream and the type of record that a line is about, "" where none, for the journal's fields.
/// spdlog carries them where others have the place in the source. Both texts must outlive the call.
inline spdlog::source_loc about(const std::string& stream, const std::string& event) {
  return {stream.c_str(), 1, event.c_str()};
}

}  // namespace gcstreamd
