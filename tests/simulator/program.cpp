#include "simulator/program.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include "simulator/server.hpp"
#include "simulator/workspace.hpp"

namespace gcstream_sim {
namespace {

namespace asio = boost::asio;

void print_line(std::FILE* stream, std::string_view text) {
  fmt::print(stream, "gcstream-sim: {}\n", text);
  std::fflush(stream);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) {
    throw std::runtime_error("cannot read " + path.string() + "; name a script after --script");
  }
  return text;
}

// False: its errors were printed.
bool load_script(CommandLine& line) {
  auto outcome = read_script(read_file(line.script), line.script.string());
  if (const auto* errors = std::get_if<ScriptErrors>(&outcome)) {
    for (const std::string& error : *errors) {
      print_line(stderr, error);
    }
    return false;
  }
  line.options.script = std::get<Script>(std::move(outcome));
  const auto foreign =
      foreign_steps(line.options.script, line.options.protocol, line.script.string());
  for (const std::string& error : foreign) {
    print_line(stderr, error);
  }
  return foreign.empty();
}

// The first signal stops; a second one finds the default action and kills.
void stop_on_signal(asio::signal_set& signals, asio::signal_set& finishing, Server& server) {
  signals.async_wait([&signals, &finishing, &server](boost::system::error_code ec, int) {
    if (!ec) {
      signals.clear();
      finishing.cancel();
      server.stop();
    }
  });
}

void finish_on_signal(asio::signal_set& signals, Server& server) {
  signals.async_wait([&server](boost::system::error_code ec, int) {
    if (!ec) {
      server.finish();
    }
  });
}

std::unique_ptr<Server> listen(asio::io_context& context, const Options& options) {
  try {
    return std::make_unique<Server>(context, options);
  } catch (const boost::system::system_error& e) {
    throw std::runtime_error(
        fmt::format("cannot listen on 127.0.0.1:{}: {}", options.port, e.code().message()));
  }
}

Options prepare(const CommandLine& line, const Workspace& workspace,
                const CertificateAuthority& authority) {
  Options options = line.options;
  options.authority = authority;
  options.identity = authority.issue({});
  options.credentials.client_secret = workspace.client_secret();
  if (!line.quiet) {
    options.log = [](std::string_view text) { print_line(stderr, text); };
  }
  return options;
}

void announce(const Server& server, const Options& options, const Workspace& workspace) {
  print_line(stdout, fmt::format("listening on 127.0.0.1:{}, CA in {}, client id {}, secret in {}",
                                 server.port(), workspace.ca_file().string(),
                                 options.credentials.client_id, workspace.secret_file().string()));
}

nlohmann::ordered_json summary_of(const NotificationService& service) {
  const SwitchboardCounters& counters = service.board.counters();
  return {{"events", counters.events},
          {"sent", counters.sent},
          {"unheard", counters.unheard},
          {"channels", counters.channels},
          {"removed", counters.removed},
          {"expired", counters.expired},
          {"displaced", counters.displaced},
          {"requests", service.api.counters().requests},
          {"throttled", service.api.counters().throttled}};
}

std::string summary_of(const Server& server) {
  const Counters& counters = server.counters();
  nlohmann::ordered_json summary{{"created", counters.created},
                                 {"neverSent", counters.never_sent},
                                 {"connections", counters.connections},
                                 {"drops", counters.drops},
                                 {"gaps", counters.gaps},
                                 {"forgotten", counters.forgotten},
                                 {"pings", counters.pings},
                                 {"pongs", counters.pongs},
                                 {"slowestPongMs", counters.slowest_pong.count()},
                                 {"lastSequenceNumber", server.last_sequence_number()}};
  summary["scriptAtLine"] = nullptr;
  if (const auto at = server.script_line()) {
    summary["scriptAtLine"] = *at;
  }
  if (const NotificationService* service = server.notifications()) {
    summary["notifications"] = summary_of(*service);
  }
  return summary.dump();
}

void report(const CommandLine& line, const Server& server) {
  const std::string summary = summary_of(server);
  if (!line.quiet) {
    fmt::print("{}\n", summary);
  }
  if (line.summary.empty()) {
    return;
  }
  std::ofstream file(line.summary);
  file << summary << '\n';
  if (!file.flush()) {
    throw std::runtime_error("cannot write " + line.summary.string());
  }
}

}  // namespace

int run(const CommandLine& given) {
  std::signal(SIGPIPE, SIG_IGN);
  CommandLine line = given;
  if (!line.script.empty() && !load_script(line)) {
    return kExitUsage;
  }
  asio::io_context context(1);
  asio::signal_set signals(context, SIGINT, SIGTERM);
  asio::signal_set finishing(context, SIGUSR1);
  const Workspace workspace(line.directory);
  const CertificateAuthority authority;
  const Options options = prepare(line, workspace, authority);
  const std::unique_ptr<Server> server = listen(context, options);
  workspace.write_ca(authority.certificate_pem());
  finish_on_signal(finishing, *server);
  stop_on_signal(signals, finishing, *server);
  announce(*server, options, workspace);
  context.run();
  report(line, *server);
  if (const auto& failure = server->script_failure()) {
    print_line(stderr, fmt::format("{}: {}", line.script.string(), *failure));
    return 1;
  }
  return 0;
}

}  // namespace gcstream_sim
