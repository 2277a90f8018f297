#include "gcstreamd/app/system_inputs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "gcstreamd/core/text.hpp"
#include "gcstreamd/net/tls_context.hpp"
#include "gcstreamd/sinks/seal.hpp"
#include "gcstreamd/sinks/secret_file.hpp"

extern char** environ;

namespace gcstreamd {
namespace {

constexpr std::size_t kMaxFile = 16 * 1024 * 1024;

Environment environment() {
  Environment variables;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

std::string seal_key_fault(const std::string& path) {
  std::string fault;
  SealKey::load(path, fault);
  return fault;
}

std::string tls_fault(const TlsConfig& tls) {
  const auto context = make_tls_context(tls);
  return context ? "" : context.error().what;
}

Fault secret_fault(const std::string& what) {
  return {Stage::oauth, FaultKind::system, 0, "the client secret cannot be read: " + what};
}

}  // namespace

/// systemd names the device and inode of the journal's socket: ours only if stderr is that one.
bool stderr_is_journal() {
  const char* journal_stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  return journal_stream && ::fstat(STDERR_FILENO, &status) == 0 &&
         journal_stream == fmt::format("{}:{}", status.st_dev, status.st_ino);
}

std::optional<std::string> read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return std::nullopt;
  std::string text;
  constexpr std::size_t kBlock = 65536;
  ssize_t got = 1;
  while (got > 0 && text.size() <= kMaxFile) {
    const std::size_t have = text.size();
    text.resize(have + kBlock);
    got = ::read(fd, text.data() + have, kBlock);
    text.resize(have + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR)
      got = 1;
  }
  const int error = got < 0 ? errno : text.size() > kMaxFile ? EFBIG : 0;
  ::close(fd);
  errno = error;
  return error == 0 ? std::optional(std::move(text)) : std::nullopt;
}

std::string real_path(const std::string& path) {
  std::error_code ignored;
  const auto real = std::filesystem::weakly_canonical(path, ignored);
  return real.empty() ? path : real.string();
}

boost::system::error_code creation_fault(const std::string& path) {
  const std::filesystem::path directory = std::filesystem::path(path).parent_path() / ".";
  if (::faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) == 0)
    return {};
  return {errno, boost::system::system_category()};
}

ConfigInputs system_inputs() {
  ConfigInputs inputs;
  inputs.environment = environment();
  if (!stderr_is_journal())
    inputs.environment.erase("JOURNAL_STREAM");
  inputs.exists = [](const std::string& path) { return ::access(path.c_str(), F_OK) == 0; };
  inputs.read_file = read_file;
  inputs.secret_file_fault = secret_file_fault;
  inputs.seal_key_fault = seal_key_fault;
  inputs.tls_fault = tls_fault;
  inputs.real_path = real_path;
  return inputs;
}

Outcome<Secret> read_secret(const SecretSource& source) {
  if (source.kind == SecretSource::Kind::environment) {
    const char* value = std::getenv(source.where.c_str());
    return value ? Outcome<Secret>(Secret(value))
                 : secret_fault("$" + source.where + " is not set");
  }
  if (const std::string fault = secret_file_fault(source.where); !fault.empty())
    return secret_fault(source.where + ": " + fault);
  auto text = read_file(source.where);
  if (!text || text->empty())
    return secret_fault(source.where + (text ? ": the file is empty" : ": it cannot be read"));
  Secret secret(without_line_break(*text));
  wipe(*text);
  if (secret.empty())
    return secret_fault(source.where + ": there is no secret in it");
  return secret;
}

}  // namespace gcstreamd
