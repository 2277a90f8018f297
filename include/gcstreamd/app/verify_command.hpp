#pragma once

#include <string>
#include <vector>

namespace gcstreamd {

/// `gcstreamd verify [--public-key FILE] FILE…`.
struct VerifyRequest {
  std::string public_key;  ///< empty: signatures are not checked
  std::vector<std::string> files;
};

/// Checks audit logs, the report on standard output, what was passed over on standard error, and
/// progress where that is a terminal. Returns the process's exit code.
int run_verify(const VerifyRequest& request);

}  // namespace gcstreamd
