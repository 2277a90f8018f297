#include "gcstreamd/core/proxy_answer.hpp"

#include <gmock/gmock.h>

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using State = ProxyAnswer::State;

constexpr WallTime kNow{};

ProxyAnswer answer(bool with_credentials = false) {
  return {"api.example:443", with_credentials};
}

Fault refused(std::string_view bytes, bool with_credentials = false) {
  ProxyAnswer one = answer(with_credentials);
  EXPECT_EQ(one.add(bytes, kNow), State::refused) << bytes;
  EXPECT_EQ(one.fault().stage, Stage::proxy);
  return one.fault();
}

TEST(ProxyAnswerTest, Any2xxOpensTheTunnel) {
  for (const char* bytes :
       {"HTTP/1.1 200 Connection established\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 204\r\n\r\n", "HTTP/1.1 200 OK\nVia: x\n\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"})
    EXPECT_EQ(answer().add(bytes, kNow), State::open) << bytes;
}

TEST(ProxyAnswerTest, MayComeByteByByte) {
  ProxyAnswer one = answer();
  const std::string bytes = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nVia: x\r\n\r\n";
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i)
    ASSERT_EQ(one.add(bytes.substr(i, 1), kNow), State::unfinished) << i;
  EXPECT_EQ(one.add(bytes.substr(bytes.size() - 1), kNow), State::open);
}

TEST(ProxyAnswerTest, BytesBehindTheHeaderAreRefused) {
  const Fault fault = refused("HTTP/1.1 200 OK\r\n\r\n\x16\x03");
  EXPECT_THAT(fault.what, HasSubstr("bytes behind its answer"));
  EXPECT_EQ(fault.kind, FaultKind::protocol);
}

TEST(ProxyAnswerTest, WantedCredentialsAreTold) {
  constexpr std::string_view kWanted =
      "HTTP/1.1 407 Proxy Authentication Required\r\n"
      "Proxy-Authenticate: Basic realm=\"x\"\r\n\r\n<html>";
  EXPECT_THAT(refused(kWanted).what, HasSubstr("wants credentials"));
  EXPECT_THAT(refused(kWanted, true).what, HasSubstr("does not take these credentials"));
  EXPECT_EQ(cause_of(refused(kWanted)), "proxy_http_407");
  EXPECT_THAT(refused("HTTP/1.1 401 Unauthorized\r\n\r\n", true).what,
              HasSubstr("HTTP 401: it does not take these credentials"));
}

TEST(ProxyAnswerTest, SchemesThatAreNotSpokenAreTold) {
  const Fault fault = refused(
      "HTTP/1.1 407 no\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate:  NTLM\r\n"
      "Proxy-Authenticate: <script>\r\n\r\n");
  EXPECT_THAT(fault.what, AllOf(HasSubstr("Negotiate, NTLM"), Not(HasSubstr("script"))));
}

TEST(ProxyAnswerTest, BasicIsASchemeAndNoOtherWord) {
  EXPECT_THAT(
      refused("HTTP/1.1 407 no\r\nProxy-Authenticate: Digest realm=\"basics\"\r\n\r\n").what,
      HasSubstr("wants credentials by Digest"));
  EXPECT_THAT(
      refused("HTTP/1.1 407 no\r\nProxy-Authenticate: NTLM, Basic realm=\"x\"\r\n\r\n").what,
      HasSubstr("it wants credentials"));
  EXPECT_THAT(
      refused("HTTP/1.1 407 no\r\nProxy-Authenticate: NTLM, Basic realm=\"x\"\r\n\r\n").what,
      Not(HasSubstr("by NTLM")));
}

TEST(ProxyAnswerTest, ARefusalNamesTheTargetAndNotTheProxysWords) {
  const Fault fault = refused("HTTP/1.1 403 user:secret\r\n\r\n");
  EXPECT_EQ(fault.what, "HTTP 403 to CONNECT api.example:443");
  EXPECT_EQ(fault.code, 403);
}

TEST(ProxyAnswerTest, ARetryAfterIsKept) {
  EXPECT_EQ(refused("HTTP/1.1 503 x\r\nRetry-After: 7\r\n\r\n").retry_after, 7s);
  EXPECT_EQ(refused("HTTP/1.1 503 x\r\nDate: Sun, 06 Nov 1994 08:49:36 GMT\r\n"
                    "Retry-After: Sun, 06 Nov 1994 08:49:38 GMT\r\n\r\n")
                .retry_after,
            2s);
  EXPECT_FALSE(refused("HTTP/1.1 503 x\r\n\r\n").retry_after);
}

TEST(ProxyAnswerTest, WhatIsNotHttpIsRefusedAtItsFirstBytes) {
  for (const char* bytes : {"SSH-2.0-OpenSSH_9.2\r\n", "\x05", "HTTP/2 200", "htt", "\r\n\r\n"})
    EXPECT_THAT(refused(bytes).what, HasSubstr("not HTTP")) << bytes;
  EXPECT_THAT(refused("\x15\x03\x01").what, HasSubstr("speaks TLS"));
}

TEST(ProxyAnswerTest, AStatusLineWithoutAStatusIsRefused) {
  for (const char* line : {"HTTP/1.1", "HTTP/1.1 2", "HTTP/1.1 2000 x", "HTTP/1.1 abc x",
                           "HTTP/1.1 099 x", "HTTP/1.1x200 x"})
    EXPECT_THAT(refused(std::string(line) + "\r\n\r\n").what, HasSubstr("no status")) << line;
}

TEST(ProxyAnswerTest, AHeaderWithoutEndIsRefused) {
  ProxyAnswer one = answer();
  EXPECT_EQ(one.add("HTTP/1.1 200 OK\r\nX: ", kNow), State::unfinished);
  const std::string block(4096, 'x');
  State state = State::unfinished;
  for (int i = 0; i < 4 && state == State::unfinished; ++i)
    state = one.add(block, kNow);
  EXPECT_EQ(state, State::refused);
  EXPECT_THAT(one.fault().what, HasSubstr("longer than"));
}

TEST(ProxyAnswerTest, InterimAnswersWithoutEndAreRefused) {
  ProxyAnswer one = answer();
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
  State state = State::unfinished;
  for (std::size_t sent = 0; sent < 2 * ProxyAnswer::kMostBytes && state == State::unfinished;
       sent += interim.size())
    state = one.add(interim, kNow);
  EXPECT_EQ(state, State::refused);
}

}  // namespace
}  // namespace gcstreamd
