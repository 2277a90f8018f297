#include "gcstreamd/app/cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "gcstreamd/app/app.hpp"
#include "gcstreamd/app/log.hpp"
#include "gcstreamd/app/system_inputs.hpp"

namespace gcstreamd {
namespace {

constexpr int kUsage = 64;
constexpr int kCannotWrite = 74;
constexpr int kBadConfig = 78;
constexpr const char* kDefaultConfig = "/etc/gcstreamd/gcstreamd.json";

struct Arguments {
  std::string config_file = kDefaultConfig;
  std::vector<std::string> overrides;
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

/// The configuration, or the exit code that its faults lead to.
int load(const Arguments& arguments, ConfigResult& result) {
  const auto overrides = parse_overrides(arguments.overrides);
  if (!overrides)
    return kUsage;
  const auto text = read_file(arguments.config_file);
  if (!text) {
    std::cerr << fmt::format("gcstreamd: {}: cannot be read: {}; name another file by --config\n",
                             arguments.config_file, describe_errno(errno));
    return kBadConfig;
  }
  result = parse_config(*text, system_inputs(), *overrides);
  report(arguments, result);
  return result.errors.empty() ? 0 : kBadConfig;
}

int check(const Arguments& arguments) {
  ConfigResult result;
  if (const int code = load(arguments, result); code != 0)
    return code;
  for (const std::string& warning : result.warnings)
    std::cerr << "gcstreamd: warning: " << warning << '\n';
  std::cout << print_config(result.config) << std::flush;
  if (std::cout)
    return 0;
  std::cerr << "gcstreamd: standard output cannot be written\n";
  return kCannotWrite;
}

int run(const Arguments& arguments) {
  ConfigResult result;
  if (const int code = load(arguments, result); code != 0)
    return code;
  auto log = make_log(result.config.log);
  for (const std::string& warning : result.warnings)
    log->warn("{}", warning);
  App app(std::move(result.config), std::move(log));
  const int code = app.run();
  if (!app.settled())
    std::_Exit(code);  // a disk that does not answer must not hold up the exit
  return code;
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
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kUsage;
  }
  return run_command->parsed() ? run(arguments) : check(arguments);
}

}  // namespace gcstreamd
