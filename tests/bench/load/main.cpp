#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "bench/load/load.hpp"

namespace {

using gcstreamd::bench::Load;

constexpr const char* kHelp =
    R"(The load of scripts/bench: a server on 127.0.0.1 that sends events faster than clients read them.
Says where it listens, then obeys one command a line and answers each with a line:
  open N                    serve tokens, upgrades and subscriptions until N more streams are there
  send N                    N events on each stream, as fast as they are taken
  pace N RATE FILE TIMES    N events at a rate on the first stream; writes to TIMES, one a line, the
                            nanoseconds until each one's line can be read in FILE
  heartbeat                 one on each stream)";

void pace(Load& load, std::istream& words) {
  std::uint64_t count = 0;
  double rate = 0;
  std::string file;
  std::string times;
  words >> count >> rate >> file >> times;
  std::ofstream out(times);
  for (const std::uint32_t time : load.pace(count, rate, file))
    out << time << '\n';
}

void obey(Load& load, const std::string& line) {
  std::istringstream words(line);
  std::string command;
  std::uint64_t count = 0;
  words >> command;
  if (command == "open" && words >> count)
    load.open(count);
  else if (command == "send" && words >> count)
    load.send(count);
  else if (command == "pace")
    pace(load, words);
  else if (command == "heartbeat")
    load.heartbeat();
  else
    throw std::invalid_argument("no such command: " + line);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(kHelp, "gcstream-load");
  std::size_t event_bytes = 700;
  std::size_t record_bytes = 16384;
  app.add_option("--event-bytes", event_bytes, "Size of an event");
  app.add_option("--record-bytes", record_bytes, "About so much in a TLS record; 0: one event");
  CLI11_PARSE(app, argc, argv);
  try {
    Load load(event_bytes, record_bytes);
    std::cout << "listening on 127.0.0.1:" << load.peer().port() << " ca " << load.peer().ca_file()
              << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
      obey(load, line);
      std::cout << "done" << std::endl;
    }
  } catch (const std::exception& error) {
    std::cerr << "gcstream-load: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
