#include "simulator/workspace.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "simulator/secrets.hpp"

namespace gcstream_sim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSecretBytes = 24;

[[noreturn]] void fail(int code, const fs::path& path) {
  throw std::system_error(code, std::generic_category(), path.string());
}

// Written beside and renamed, so that a reader never sees half of it.
void write_file(const fs::path& path, const std::string& text, mode_t mode) {
  const fs::path draft = path.string() + ".new";
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (file < 0) {
    fail(errno, draft);
  }
  const ssize_t written = ::write(file, text.data(), text.size());
  const int code = errno;
  ::close(file);
  if (written != static_cast<ssize_t>(text.size())) {
    fail(written < 0 ? code : ENOSPC, draft);
  }
  fs::rename(draft, path);
}

}  // namespace

Workspace::Workspace(fs::path directory) : directory_(std::move(directory)) {
  if (fs::create_directories(directory_)) {
    fs::permissions(directory_, fs::perms::owner_all);
  }
}

std::string Workspace::client_secret() const {
  std::string secret;
  if (!fs::exists(secret_file())) {
    secret = random_hex(kSecretBytes);
    write_file(secret_file(), secret + "\n", S_IRUSR | S_IWUSR);
    return secret;
  }
  std::ifstream file(secret_file());
  if (!std::getline(file, secret) || secret.empty()) {
    fail(EINVAL, secret_file());
  }
  return secret;
}

void Workspace::write_ca(const std::string& pem) const {
  write_file(ca_file(), pem, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
}

}  // namespace gcstream_sim
