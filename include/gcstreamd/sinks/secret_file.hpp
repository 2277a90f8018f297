#pragma once

#include <string>

namespace gcstreamd {

/// Why a file cannot serve as a secret's source, "" when it can: it must be a regular file with
/// something in it that we can read and others cannot.
std::string secret_file_fault(const std::string& path);

}  // namespace gcstreamd
