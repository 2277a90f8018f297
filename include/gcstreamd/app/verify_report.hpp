#pragma once

#include <string>

#include "gcstreamd/app/log_verifier.hpp"

namespace gcstreamd {

/// What was found in each log, for people and for `grep`: one fact a line, the verdict last
/// (`whole`, `whole, with recorded losses` or `broken: FILE:LINE: what is wrong`).
std::string verify_report(const LogVerifier& verifier, bool signatures_checked);

}  // namespace gcstreamd
