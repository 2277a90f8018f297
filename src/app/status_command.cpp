#include "gcstreamd/app/status_command.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <iostream>
#include <thread>

#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/status_table.hpp"
#include "gcstreamd/core/text.hpp"
#include "gcstreamd/net/admin_client.hpp"

namespace gcstreamd {
namespace {

constexpr int kNothingAnswers = 69;
constexpr int kCannotWrite = 74;

struct Answer {
  std::string text;   ///< to print
  std::string fault;  ///< not empty: why there is none
};

std::string why(const boost::system::error_code& error) {
  if (error == boost::asio::error::timed_out)
    return "it did not answer in time";
  return error.category() == boost::system::system_category() ? describe_errno(error.value())
                                                              : error.message();
}

Answer ask(const std::string& listen, bool json) {
  constexpr std::chrono::seconds kLimit{5};
  const auto address = parse_listen_address(listen);
  if (!address)
    return {"", "metrics.listen is null in this configuration: set an address, and reload"};
  const auto answer = ask_admin(*address, "/status", kLimit);
  if (!answer && answer.error() == boost::system::errc::permission_denied)
    return {"", fmt::format("{}: {}; ask as root, or as a member of the socket's group", listen,
                            why(answer.error()))};
  if (!answer)
    return {"", fmt::format("{}: {}; is the daemon running (systemctl status gcstreamd), and with "
                            "this configuration?",
                            listen, why(answer.error()))};
  constexpr int kOk = 200;
  const auto table = status_table(answer->body);
  if (answer->status != kOk || !table)
    return {"", fmt::format("{}: what answers there is no gcstreamd: choose another metrics.listen",
                            listen)};
  return {json ? answer->body : *table, ""};
}

/// Of UTF-8, so many characters.
std::string_view first_of(std::string_view line, std::size_t columns) {
  std::size_t at = 0;
  for (; at < line.size(); ++at)
    if ((static_cast<unsigned char>(line[at]) & 0xC0) != 0x80 && columns-- == 0)
      break;
  return line.substr(0, at);
}

/// As much of it as the window shows: the head of it, and of each line.
std::string fit(std::string_view text) {
  struct winsize window {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_row < 2 || window.ws_col == 0)
    return std::string(text);
  std::string shown;
  for (int row = 1; row < window.ws_row && !text.empty(); ++row) {
    const auto end = std::min(text.find('\n'), text.size() - 1);
    shown += std::string(first_of(text.substr(0, end), window.ws_col)) + '\n';
    text.remove_prefix(end + 1);
  }
  return shown;
}

/// Whoever read it is gone.
bool is_closed(int fd) {
  pollfd output{fd, 0, 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

/// Over what was there before, line by line, so that nothing flickers.
void redraw(std::string text) {
  replace_all(text, "\n", "\x1b[K\n");
  std::cout << "\x1b[H" << text << "\x1b[J" << std::flush;
}

int print_once(const std::string& listen, const StatusRequest& request) {
  const Answer answer = ask(listen, request.json);
  if (!answer.fault.empty()) {
    std::cerr << "gcstreamd: " << answer.fault << '\n';
    return kNothingAnswers;
  }
  std::cout << answer.text << std::flush;
  return std::cout ? 0 : kCannotWrite;
}

/// A daemon that is away for a while is waited for.
int watch(const std::string& listen, const StatusRequest& request) {
  constexpr std::chrono::seconds kBetween{1};
  const bool terminal = ::isatty(STDOUT_FILENO) == 1 && !request.json;
  if (terminal)
    std::cout << "\x1b[2J";
  while (std::cout && !is_closed(STDOUT_FILENO)) {
    const Answer answer = ask(listen, request.json);
    const std::string text = answer.fault.empty() ? answer.text : answer.fault + '\n';
    if (terminal)
      redraw(fit(text));
    else if (answer.fault.empty())
      std::cout << text << (request.json ? "" : "\n") << std::flush;
    else
      std::cerr << "gcstreamd: " << text;
    std::this_thread::sleep_for(kBetween);
  }
  return kCannotWrite;
}

}  // namespace

int run_status(const MetricsConfig& config, const StatusRequest& request) {
  return request.watch && !config.listen.empty() ? watch(config.listen, request)
                                                 : print_once(config.listen, request);
}

}  // namespace gcstreamd
