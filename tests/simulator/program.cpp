#include "simulator/program.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "simulator/server.hpp"
#include "simulator/workspace.hpp"

namespace gcstream_sim {
namespace {

namespace asio = boost::asio;

void print_line(std::FILE* stream, std::string_view text) {
  fmt::print(stream, "gcstream-sim: {}\n", text);
  std::fflush(stream);
}

// The first signal stops; a second one finds the default action and kills.
void stop_on_signal(asio::signal_set& signals, Server& server) {
  signals.async_wait([&signals, &server](boost::system::error_code ec, int) {
    if (!ec) {
      signals.clear();
      server.stop();
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

std::string summary_of(const Server& server) {
  const Counters& counters = server.counters();
  const nlohmann::ordered_json summary{{"created", counters.created},
                                       {"neverSent", counters.never_sent},
                                       {"connections", counters.connections},
                                       {"drops", counters.drops},
                                       {"gaps", counters.gaps},
                                       {"forgotten", counters.forgotten},
                                       {"lastSequenceNumber", server.last_sequence_number()}};
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

int run(const CommandLine& line) {
  std::signal(SIGPIPE, SIG_IGN);
  asio::io_context context(1);
  asio::signal_set signals(context, SIGINT, SIGTERM);
  const Workspace workspace(line.directory);
  const CertificateAuthority authority;
  const Options options = prepare(line, workspace, authority);
  const std::unique_ptr<Server> server = listen(context, options);
  workspace.write_ca(authority.certificate_pem());
  stop_on_signal(signals, *server);
  announce(*server, options, workspace);
  context.run();
  report(line, *server);
  return 0;
}

}  // namespace gcstream_sim
