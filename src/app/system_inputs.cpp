#include "gcstreamd/app/system_inputs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

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

/// systemd names the device and inode of the journal's socket: ours only if stderr is that one.
bool stderr_is(std::string_view journal_stream) {
  struct stat status {};
  return ::fstat(STDERR_FILENO, &status) == 0 &&
         journal_stream == fmt::format("{}:{}", status.st_dev, status.st_ino);
}

std::string secret_file_fault(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return describe_errno(errno);
  if ((status.st_mode & S_IROTH) != 0)
    return "others can read it (chmod o-r mends that)";
  if (::access(path.c_str(), R_OK) != 0)
    return describe_errno(errno);
  return {};
}

Fault secret_fault(const std::string& what) {
  return {Stage::oauth, FaultKind::system, 0, "the client secret cannot be read: " + what};
}

}  // namespace

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return std::nullopt;
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (in.bad() || text.size() > kMaxFile)
    return std::nullopt;
  return text;
}

ConfigInputs system_inputs() {
  ConfigInputs inputs;
  inputs.environment = environment();
  const auto journal = inputs.environment.find("JOURNAL_STREAM");
  if (journal != inputs.environment.end() && !stderr_is(journal->second))
    inputs.environment.erase(journal);
  inputs.exists = [](const std::string& path) { return ::access(path.c_str(), F_OK) == 0; };
  inputs.read_file = read_file;
  inputs.secret_file_fault = secret_file_fault;
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
  std::string_view bytes = *text;
  if (bytes.ends_with('\n'))
    bytes.remove_suffix(1);
  if (bytes.ends_with('\r'))
    bytes.remove_suffix(1);
  Secret secret(bytes);
  wipe(*text);
  return secret;
}

}  // namespace gcstreamd
