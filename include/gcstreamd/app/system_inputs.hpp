#pragma once

#include <boost/system/result.hpp>

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/secret.hpp"

namespace gcstreamd {

/// The process's environment and files, as parse_config wants them. JOURNAL_STREAM is kept only
/// where it names our own standard error.
ConfigInputs system_inputs();

/// Whether systemd says that our own standard error is the journal.
bool stderr_is_journal();

/// A whole file of at most 16 MiB; empty when it cannot be read.
std::optional<std::string> read_file(const std::string& path);

/// Without links and dots, as far as the path exists.
std::string real_path(const std::string& path);

/// Why no file of this name could be created, asked without creating it.
boost::system::error_code creation_fault(const std::string& path);

/// The secret as it is now; one trailing line break is removed. A file that others can read, or
/// that cannot be read at all, is a fault of stage oauth.
Outcome<Secret> read_secret(const SecretSource& source);

}  // namespace gcstreamd
