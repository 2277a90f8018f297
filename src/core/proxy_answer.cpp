#include "gcstreamd/core/proxy_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/split.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <vector>

#include "gcstreamd/core/http_message.hpp"
#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

constexpr std::string_view kVersion = "HTTP/1.";
constexpr int kInterim = 100;
constexpr int kOk = 200;
constexpr int kRedirect = 300;
constexpr int kUnauthorized = 401;  // what tinyproxy answers to a wrong password
constexpr int kCredentialsWanted = 407;

/// The length of the header with the empty line at its end; 0 where it is not whole yet.
std::size_t header_end(std::string_view text) {
  const auto strict = text.find("\r\n\r\n");
  const auto bare = text.find("\n\n");
  if (strict == std::string_view::npos && bare == std::string_view::npos)
    return 0;
  return strict < bare ? strict + 4 : bare + 2;
}

/// The three digits of `HTTP/1.1 200 OK`, or 0.
int status_of(std::string_view head) {
  constexpr std::size_t kBefore = kVersion.size() + 2;
  constexpr std::size_t kDigits = 3;
  if (head.size() < kBefore + kDigits + 1 || head[kBefore - 1] != ' ')
    return 0;
  const auto status = parse_number(head.substr(kBefore, kDigits));
  const char behind = head[kBefore + kDigits];
  const bool ended = behind == ' ' || behind == '\r' || behind == '\n';
  return status && ended && *status >= kInterim ? static_cast<int>(*status) : 0;
}

/// The values of a header's lines, without white space around them.
std::vector<std::string_view> values_of(std::string_view head, std::string_view name) {
  std::vector<std::string_view> values;
  while (!head.empty()) {
    const auto end = std::min(head.find('\n'), head.size());
    std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 1, head.size()));
    if (!boost::algorithm::istarts_with(line, name) || line.size() == name.size() ||
        line[name.size()] != ':')
      continue;
    line.remove_prefix(name.size() + 1);
    const auto first = std::min(line.find_first_not_of(" \t"), line.size());
    const auto last = line.find_last_not_of(" \t\r");
    values.push_back(last == std::string_view::npos ? std::string_view{}
                                                    : line.substr(first, last + 1 - first));
  }
  return values;
}

std::string_view first_of(const std::vector<std::string_view>& values) {
  return values.empty() ? std::string_view{} : values.front();
}

/// `Negotiate, NTLM`: of each `Proxy-Authenticate` its scheme.
std::string schemes_of(std::string_view head) {
  constexpr std::size_t kMost = 5;
  constexpr std::size_t kLongest = 20;
  std::vector<std::string> schemes;
  for (const std::string_view value : values_of(head, "Proxy-Authenticate")) {
    const auto scheme = value.substr(0, value.find_first_of(" ,"));
    const bool word = !scheme.empty() && scheme.size() <= kLongest &&
                      std::all_of(scheme.begin(), scheme.end(), [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
                      });
    if (word && schemes.size() < kMost)
      schemes.emplace_back(scheme);
  }
  return join(schemes, ", ");
}

/// One header may hold several challenges: a scheme begins a value, or follows a comma.
bool offers_basic(std::string_view head) {
  constexpr std::string_view kBasic = "basic";
  const auto values = values_of(head, "Proxy-Authenticate");
  return std::any_of(values.begin(), values.end(), [&](std::string_view value) {
    std::vector<std::string> challenges;
    boost::algorithm::split(challenges, value, [](char c) { return c == ','; });
    return std::any_of(challenges.begin(), challenges.end(), [&](std::string challenge) {
      boost::algorithm::trim(challenge);
      return boost::algorithm::iequals(challenge.substr(0, challenge.find(' ')), kBasic);
    });
  });
}

/// What is wrong with the credentials that were sent, or with there being none.
std::string credentials_words(int status, std::string_view head, bool sent) {
  const std::string schemes = schemes_of(head);
  if (!schemes.empty() && !offers_basic(head))
    return fmt::format("HTTP {}: it wants credentials by {}, and Basic is all that is spoken here",
                       status, schemes);
  return fmt::format("HTTP {}: it {}", status,
                     sent ? "does not take these credentials" : "wants credentials");
}

}  // namespace

ProxyAnswer::State ProxyAnswer::add(std::string_view bytes, WallTime now) {
  read_ += bytes.size();
  text_ += bytes;
  State state = State::unfinished;
  while (state == State::unfinished) {
    const auto begun = std::min(text_.size(), kVersion.size());
    if (text_.compare(0, begun, kVersion, 0, begun) != 0)
      return refuse(text_.starts_with('\x15') ? "it speaks TLS, not plain HTTP"
                                              : "what it answers is not HTTP");
    const auto end = header_end(text_);
    if (end == 0)
      break;
    const std::string head = text_.substr(0, end);
    text_.erase(0, end);
    state = judge(head, now);
  }
  if (state == State::unfinished && read_ >= kMostBytes)
    return refuse(fmt::format("the header of its answer is longer than {} bytes", kMostBytes));
  return state;
}

ProxyAnswer::State ProxyAnswer::judge(std::string_view head, WallTime now) {
  const int status = status_of(head);
  if (status == 0)
    return refuse("what it answers is not HTTP: there is no status in it");
  if (status < kOk)
    return State::unfinished;
  if (status >= kRedirect)
    return refuse_status(status, head, now);
  if (!text_.empty())
    return refuse("it sent bytes behind its answer, before anything was sent through the tunnel");
  return State::open;
}

ProxyAnswer::State ProxyAnswer::refuse(std::string words) {
  fault_ = Fault(Stage::proxy, FaultKind::protocol, 0, std::move(words));
  return State::refused;
}

ProxyAnswer::State ProxyAnswer::refuse_status(int status, std::string_view head, WallTime now) {
  std::string words = status == kCredentialsWanted || status == kUnauthorized
                          ? credentials_words(status, head, with_credentials_)
                          : fmt::format("HTTP {} to CONNECT {}", status, target_);
  fault_ = Fault(Stage::proxy, FaultKind::http_status, status, std::move(words));
  fault_.retry_after = parse_retry_after(first_of(values_of(head, "Retry-After")),
                                         first_of(values_of(head, "Date")), now);
  return State::refused;
}

}  // namespace gcstreamd
