#include "gcstreamd/app/cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "gcstreamd/app/app.hpp"
#include "gcstreamd/app/journal_socket.hpp"
#include "gcstreamd/app/log.hpp"
#include "gcstreamd/app/online_check.hpp"
#include "gcstreamd/app/position_command.hpp"
#include "gcstreamd/app/status_command.hpp"
#include "gcstreamd/app/system_inputs.hpp"
#include "gcstreamd/app/verify_command.hpp"

namespace gcstreamd {
namespace {

constexpr int kUsage = 64;
constexpr int kCannotWrite = 74;
constexpr int kBadConfig = 78;
constexpr const char* kDefaultConfig = "/etc/gcstreamd/gcstreamd.json";

struct Arguments {
  std::string config_file = kDefaultConfig;
  std::vector<std::string> overrides;
  bool online = false;
  PositionRequest position;
  VerifyRequest verify;
  StatusRequest status;
};

void add_options(CLI::App& command, Arguments& arguments) {
  command.add_option("--config", arguments.config_file, "The configuration file")
      ->type_name("FILE")
      ->capture_default_str();
  command
      .add_option("--set", arguments.overrides,
                  "Override one key: /json/pointer=VALUE (may be repeated)")
      ->type_name("/POINTER=VALUE")
      ->allow_extra_args(false);
}

std::optional<std::vector<Override>> parse_overrides(const std::vector<std::string>& texts) {
  std::vector<Override> overrides;
  for (const std::string& text : texts) {
    auto parsed = parse_override(text);
    if (!parsed) {
      std::cerr << "gcstreamd: --set wants /json/pointer=VALUE, such as "
                   "--set /streams/0/buffer_size=200\n";
      return std::nullopt;
    }
    overrides.push_back(std::move(*parsed));
  }
  return overrides;
}

void report(const Arguments& arguments, const ConfigResult& result) {
  for (const ConfigError& error : result.errors)
    std::cerr << to_string(error) << '\n';
  if (!result.errors.empty())
    std::cerr << fmt::format("gcstreamd: {}: {} fault(s); nothing was started\n",
                             arguments.config_file, result.errors.size());
}

bool has_password(const StreamConfig& stream) {
  const ProxyChoice& choice = stream.proxy;
  return choice.proxy && !choice.by_environment && !choice.proxy->password.empty();
}

/// A file of ours that holds a secret and that others may read as well.
void warn_of_open_passwords(const std::string& path, ConfigResult& result) {
  struct stat status {};
  const auto& streams = result.config.streams;
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0 &&
      std::any_of(streams.begin(), streams.end(), has_password))
    result.warnings.push_back(fmt::format(
        "{}: everybody can read the proxy's password in it: give it mode 0640 and the service's "
        "group, or set HTTPS_PROXY in a file that the unit's EnvironmentFile= names",
        path));
}

/// The configuration as it is now; a file that cannot be read is a fault like any other.
ConfigResult read_config_file(const std::string& path, const std::vector<Override>& overrides) {
  if (const auto text = read_file(path)) {
    ConfigResult result = parse_config(*text, system_inputs(), overrides);
    if (text->find('@') != std::string::npos)  // else it came from --set
      warn_of_open_passwords(path, result);
    return result;
  }
  ConfigResult result;
  result.errors.push_back({"", fmt::format("{}: cannot be read: {}", path, describe_errno(errno)),
                           "a readable file, named by --config", ""});
  return result;
}

/// The configuration, or the exit code that its faults lead to.
int load(const Arguments& arguments, ConfigResult& result) {
  const auto overrides = parse_overrides(arguments.overrides);
  if (!overrides)
    return kUsage;
  result = read_config_file(arguments.config_file, *overrides);
  report(arguments, result);
  return result.errors.empty() ? 0 : kBadConfig;
}

int check(const Arguments& arguments) {
  ConfigResult result;
  if (const int code = load(arguments, result); code != 0)
    return code;
  for (const std::string& warning : result.warnings)
    std::cerr << "gcstreamd: warning: " << warning << '\n';
  for (const std::string& note : result.notes)
    std::cerr << "gcstreamd: note: " << note << '\n';
  std::cout << print_config(result.config) << std::flush;
  if (!std::cout) {
    std::cerr << "gcstreamd: standard output cannot be written\n";
    return kCannotWrite;
  }
  return arguments.online ? run_online_check(result.config, std::cerr) : 0;
}

/// Until the daemon takes them, these wait: one that comes early must not kill it.
void hold_reload_signals() {
  sigset_t early;
  sigemptyset(&early);
  sigaddset(&early, SIGHUP);
  sigaddset(&early, SIGUSR1);
  ::pthread_sigmask(SIG_BLOCK, &early, nullptr);
}

int run(const Arguments& arguments) {
  hold_reload_signals();
  ConfigResult result;
  if (const int code = load(arguments, result); code != 0)
    return code;
  auto log = make_log(result.config.log, stderr_is_journal() ? kJournalSocket : "");
  for (const std::string& warning : result.warnings)
    log->warn("{}", warning);
  for (const std::string& note : result.notes)
    log->info("{}", note);
  App app(std::move(result.config), std::move(log),
          [path = arguments.config_file, overrides = *parse_overrides(arguments.overrides)] {
            return read_config_file(path, overrides);
          });
  const int code = app.run();
  if (!app.settled())
    std::_Exit(code);  // a disk that does not answer must not hold up the exit
  return code;
}

int position(const Arguments& arguments) {
  ConfigResult result;
  if (const int code = load(arguments, result); code != 0)
    return code;
  return run_position(result.config, arguments.position);
}

/// Whoever asks need not be allowed to read the daemon's secrets: only what concerns the address
/// must be whole.
int status(const Arguments& arguments) {
  const auto overrides = parse_overrides(arguments.overrides);
  if (!overrides)
    return kUsage;
  ConfigResult result = read_config_file(arguments.config_file, *overrides);
  std::erase_if(result.errors, [](const ConfigError& error) {
    return !error.pointer.empty() && !error.pointer.starts_with("/metrics");
  });
  for (const ConfigError& error : result.errors)
    std::cerr << to_string(error) << '\n';
  return result.errors.empty() ? run_status(result.config.metrics, arguments.status) : kBadConfig;
}

CLI::App* add_status(CLI::App& cli, Arguments& arguments) {
  CLI::App* command = cli.add_subcommand("status", "Ask the running daemon how it is");
  add_options(*command, arguments);
  command->add_flag("--json", arguments.status.json, "Print the JSON that /status answers");
  command->add_flag("--watch", arguments.status.watch, "Ask again every second");
  return command;
}

CLI::App* add_position(CLI::App& cli, Arguments& arguments) {
  PositionRequest& request = arguments.position;
  CLI::App* command = cli.add_subcommand("position", "Show or move a stopped stream's position");
  add_options(*command, arguments);
  command->add_option("--stream", request.stream, "The stream's name")
      ->type_name("NAME")
      ->required();
  const auto verb = [&](const char* name, const char* text, PositionRequest::What what) {
    CLI::App* added = command->add_subcommand(name, text)->fallthrough();
    added->callback([&request, what] { request.what = what; });
    return added;
  };
  verb("show", "Print it as one line of JSON", PositionRequest::What::show);
  verb("set", "Resume after this number at the next start", PositionRequest::What::set)
      ->add_option("N", request.number, "A number from 0")
      ->check(CLI::Range(SequenceNumber{0}, kMaxNumber))
      ->required();
  verb("tip", "Begin at the newest event at the next start", PositionRequest::What::tip);
  command->require_subcommand(1);
  return command;
}

CLI::App* add_verify(CLI::App& cli, VerifyRequest& request) {
  CLI::App* command = cli.add_subcommand("verify", "Verify audit logs");
  command
      ->add_option("--public-key", request.public_key,
                   "The public key that the logs' seals are checked with")
      ->type_name("FILE");
  command
      ->add_option("files", request.files,
                   "Audit logs in any order: rotated, compressed (gzip, zstd) and live ones")
      ->type_name("FILE")
      ->required();
  return command;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App cli{
      "gcstreamd keeps Genesys Cloud event streams open and proves that nothing is missing",
      "gcstreamd"};
  Arguments arguments;
  cli.set_version_flag("--version", "gcstreamd " GCSTREAMD_VERSION);
  cli.require_subcommand(1);
  CLI::App* run_command = cli.add_subcommand("run", "Run the daemon in the foreground");
  CLI::App* check_command =
      cli.add_subcommand("check", "Validate the configuration and print what is in effect");
  add_options(*run_command, arguments);
  add_options(*check_command, arguments);
  check_command->add_flag(
      "--online", arguments.online,
      "Also try DNS, TCP or proxy, TLS, OAuth and the handshake of each stream, "
      "with a table on standard error");
  const CLI::App* position_command = add_position(cli, arguments);
  const CLI::App* verify_command = add_verify(cli, arguments.verify);
  const CLI::App* status_command = add_status(cli, arguments);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kUsage;
  }
  if (position_command->parsed())
    return position(arguments);
  if (verify_command->parsed())
    return run_verify(arguments.verify);
  if (status_command->parsed())
    return status(arguments);
  return run_command->parsed() ? run(arguments) : check(arguments);
}

}  // namespace gcstreamd
