#include "gcstreamd/core/errors.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace gcstreamd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using enum Disposition;

struct Case {
  Stage stage;
  FaultKind kind;
  int code;
  Disposition disposition;
  std::string_view hint_part;  ///< "": no hint
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << name(one.stage) << ' ' << static_cast<int>(one.kind) << ' ' << one.code;
}

class FaultTable : public testing::TestWithParam<Case> {};

TEST_P(FaultTable, SaysWhatToDo) {
  const Case& one = GetParam();
  const Fault fault(one.stage, one.kind, one.code, "words");
  EXPECT_EQ(disposition(fault), one.disposition);
  if (one.hint_part.empty())
    EXPECT_THAT(hint(fault), IsEmpty());
  else
    EXPECT_THAT(hint(fault), HasSubstr(one.hint_part));
}

using enum Stage;
using Kind = FaultKind;

Case tls_case(TlsProblem problem, std::string_view hint_part) {
  return {Stage::tls, Kind::tls, static_cast<int>(problem), Disposition::retry, hint_part};
}

INSTANTIATE_TEST_SUITE_P(
    Rows, FaultTable,
    testing::Values(
        Case{Stage::proxy, Kind::http_status, 403, Disposition::retry, "forbids the way"},
        Case{Stage::proxy, Kind::http_status, 401, Disposition::retry, "percent-encoded"},
        Case{Stage::proxy, Kind::http_status, 405, Disposition::retry, "no HTTP proxy"},
        Case{Stage::proxy, Kind::http_status, 407, Disposition::retry, "percent-encoded"},
        Case{Stage::proxy, Kind::http_status, 429, Disposition::retry, "rate"},
        Case{Stage::proxy, Kind::http_status, 502, Disposition::retry, "the proxy's own DNS"},
        Case{Stage::proxy, Kind::protocol, 0, Disposition::retry, "no HTTP proxy"},
        Case{Stage::proxy, Kind::system, ECONNREFUSED, Disposition::retry, "HTTPS_PROXY"},
        Case{Stage::proxy, Kind::timeout, 0, Disposition::retry, "HTTPS_PROXY"},
        Case{oauth, Kind::http_status, 400, fatal, "client_id"},
        Case{oauth, Kind::http_status, 401, fatal, "client_id"},
        Case{oauth, Kind::http_status, 403, fatal, "roles and scopes"},
        Case{oauth, Kind::http_status, 204, Disposition::retry, "not a token"},
        Case{oauth, Kind::http_status, 302, Disposition::retry, "redirects are not followed"},
        Case{oauth, Kind::http_status, 402, Disposition::retry, "client_auth"},
        Case{oauth, Kind::http_status, 404, Disposition::retry, "oauth_url"},
        Case{oauth, Kind::http_status, 407, Disposition::retry, "proxy"},
        Case{oauth, Kind::http_status, 429, Disposition::retry, "reconnect.base_delay_ms"},
        Case{oauth, Kind::http_status, 503, Disposition::retry, "server is failing"},
        Case{oauth, Kind::protocol, 0, Disposition::retry, "not a token"},
        Case{oauth, Kind::protocol, 200, Disposition::retry, "not a token"},
        Case{oauth, Kind::system, 0, Disposition::retry, "client secret"},
        Case{oauth, Kind::system, ECONNRESET, Disposition::retry, "connection broke"},
        Case{oauth, Kind::timeout, 0, Disposition::retry, "connect_timeout_s"},
        Case{upgrade, Kind::http_status, 200, Disposition::retry, "stream_url"},
        Case{upgrade, Kind::http_status, 302, Disposition::retry, "redirects are not followed"},
        Case{upgrade, Kind::http_status, 400, Disposition::retry, "stream_url"},
        Case{upgrade, Kind::http_status, 407, Disposition::retry, "proxy"},
        Case{upgrade, Kind::protocol, 0, Disposition::retry, "stream_url"},
        Case{upgrade, Kind::system, ECONNRESET, Disposition::retry, "connection broke"},
        Case{upgrade, Kind::timeout, 0, Disposition::retry, "connect_timeout_s"},
        Case{upgrade, Kind::http_status, 401, refresh_token, "analytics:stream:read"},
        Case{upgrade, Kind::http_status, 403, Disposition::retry, "analytics:events:read"},
        Case{upgrade, Kind::http_status, 404, Disposition::retry, "stream_url"},
        Case{upgrade, Kind::http_status, 429, Disposition::retry, "reconnect.base_delay_ms"},
        Case{upgrade, Kind::http_status, 500, Disposition::retry, "server is failing"},
        Case{upgrade, Kind::http_status, 599, Disposition::retry, "server is failing"},
        Case{dns, Kind::system, 1, Disposition::retry, "region"},
        Case{dns, Kind::system, 2, Disposition::retry, "name server"},
        Case{dns, Kind::timeout, 0, Disposition::retry, "name server"},
        Case{connect, Kind::timeout, 0, Disposition::retry, "firewalls"},
        Case{connect, Kind::system, ECONNREFUSED, Disposition::retry, "nothing listens"},
        Case{connect, Kind::system, ENETUNREACH, Disposition::retry, "routes"},
        Case{connect, Kind::system, EHOSTUNREACH, Disposition::retry, "routes"},
        Case{connect, Kind::system, EPERM, Disposition::retry, "IPAddressDeny="},
        Case{connect, Kind::system, EMFILE, Disposition::retry, "LimitNOFILE="},
        Case{connect, Kind::system, ECONNABORTED, Disposition::retry, "host and port"},
        Case{Stage::tls, Kind::timeout, 0, Disposition::retry, "TLS not answered"},
        Case{stream, Kind::timeout, 0, Disposition::retry, "silent"},
        Case{stream, Kind::system, ECONNRESET, Disposition::retry, "idle timeouts"}));

INSTANTIATE_TEST_SUITE_P(
    TlsProblems, FaultTable,
    testing::Values(tls_case(TlsProblem::other, "tls.ca_file"),
                    tls_case(TlsProblem::certificate_expired, "renew"),
                    tls_case(TlsProblem::not_yet_valid, "clock"),
                    tls_case(TlsProblem::wrong_host, "another host's"),
                    tls_case(TlsProblem::self_signed, "tls.ca_file"),
                    tls_case(TlsProblem::unknown_issuer, "tls.ca_file"),
                    tls_case(TlsProblem::wrong_purpose, "serverAuth"),
                    tls_case(TlsProblem::weak, "SHA-1"), tls_case(TlsProblem::revoked, "revoked"),
                    tls_case(TlsProblem::untrusted, "tls.ca_file"),
                    tls_case(TlsProblem::protocol_version, "tls.min_version"),
                    tls_case(TlsProblem::no_shared_cipher, "cipher"),
                    tls_case(TlsProblem::client_certificate, "tls.client_cert_file"),
                    tls_case(TlsProblem::cut_off, "firewalls"),
                    tls_case(TlsProblem::not_tls, "port"),
                    tls_case(TlsProblem::local_file, "the file"),
                    Case{stream, Kind::tls, 0, Disposition::retry, "open connection"}));

INSTANTIATE_TEST_SUITE_P(
    CloseCodes, FaultTable,
    testing::Values(Case{stream, Kind::close_code, 1001, Disposition::retry, "nothing to do"},
                    Case{stream, Kind::close_code, 1002, Disposition::retry, "protocol"},
                    Case{stream, Kind::close_code, 1003, Disposition::retry, "event_types"},
                    Case{stream, Kind::close_code, 1006, Disposition::retry, "idle timeouts"},
                    Case{stream, Kind::close_code, 1007, Disposition::retry, "UTF-8"},
                    Case{stream, Kind::close_code, 1008, Disposition::retry, "policy"},
                    Case{stream, Kind::close_code, 1009, Disposition::retry, "max_frame_bytes"},
                    Case{stream, Kind::close_code, 1010, Disposition::retry, "stream_url"},
                    Case{stream, Kind::close_code, 1011, Disposition::retry, "server is failing"},
                    Case{stream, Kind::close_code, 1012, Disposition::retry, "restarts"},
                    Case{stream, Kind::close_code, 1013, Disposition::retry, "base_delay_ms"},
                    Case{stream, Kind::close_code, 1014, Disposition::retry, "gateway"},
                    Case{stream, Kind::close_code, 4401, refresh_token, "token"},
                    Case{stream, Kind::close_code, 4403, Disposition::retry, "entitlement"},
                    Case{stream, Kind::close_code, 4429, Disposition::retry, "base_delay_ms"}));

INSTANTIATE_TEST_SUITE_P(
    InBandRefusals, FaultTable,
    testing::Values(
        Case{subscribe, Kind::http_status, 400, Disposition::retry, "event_types"},
        Case{subscribe, Kind::http_status, 401, refresh_token, "token"},
        Case{subscribe, Kind::http_status, 403, Disposition::retry, "analytics:events:read"},
        Case{subscribe, Kind::http_status, 404, Disposition::retry, "no such stream"},
        Case{subscribe, Kind::http_status, 422, Disposition::retry, "event_types"},
        Case{subscribe, Kind::http_status, 429, Disposition::retry, "reconnect.base_delay_ms"},
        Case{subscribe, Kind::http_status, 503, Disposition::retry, "server is failing"},
        Case{subscribe, Kind::protocol, 0, Disposition::retry,
             "gcstreamd position tip --stream NAME"},
        Case{subscribe, Kind::protocol, 0, Disposition::retry, "integrity.on_stale_position"}));

INSTANTIATE_TEST_SUITE_P(
    WhatNoRowNamesIsRetried, FaultTable,
    testing::Values(Case{oauth, Kind::http_status, 600, Disposition::retry, ""},
                    Case{upgrade, Kind::http_status, 600, Disposition::retry, ""},
                    Case{stream, Kind::close_code, 1000, Disposition::retry, ""},
                    Case{stream, Kind::close_code, 1005, Disposition::retry, ""},
                    Case{stream, Kind::close_code, 3000, Disposition::retry, ""},
                    Case{stream, Kind::close_code, 4999, Disposition::retry, ""},
                    Case{stream, Kind::close_code, 0, Disposition::retry, ""},
                    Case{sink, Kind::system, ENOSPC, Disposition::retry, ""},
                    Case{Stage::tls, Kind::system, ECONNRESET, Disposition::retry, ""},
                    Case{stream, Kind::cancelled, 0, Disposition::retry, ""},
                    Case{upgrade, Kind::http_status, -1, Disposition::retry, ""}));

TEST(CauseOf, IsAShortWord) {
  EXPECT_EQ(cause_of(Fault(upgrade, Kind::http_status, 503, "")), "upgrade_http_503");
  EXPECT_EQ(cause_of(Fault(oauth, Kind::http_status, 401, "")), "oauth_http_401");
  EXPECT_EQ(cause_of(Fault(stream, Kind::close_code, 1001, "")), "close_1001");
  EXPECT_EQ(cause_of(Fault(Stage::tls, TlsProblem::other, "")), "tls");
  EXPECT_EQ(cause_of(Fault(Stage::tls, TlsProblem::wrong_host, "")), "tls_wrong_host");
  EXPECT_EQ(cause_of(Fault(Stage::tls, Kind::tls, 12345, "")), "tls");
  EXPECT_EQ(cause_of(Fault(connect, Kind::timeout, 0, "")), "connect_timeout");
  EXPECT_EQ(cause_of(Fault(dns, Kind::system, 2, "")), "dns_error");
  EXPECT_EQ(cause_of(Fault(oauth, Kind::protocol, 0, "")), "oauth_error");
  EXPECT_EQ(cause_of(Fault(stream, Kind::cancelled, 0, "")), "cancelled");
}

// Whoever adds a row says what a person can do, or why nobody needs to.
TEST(FaultTable, EveryRowHasAHint) {
  for (const FaultRow& row : fault_table())
    EXPECT_THAT(row.hint, testing::Not(IsEmpty())) << row.low << " to " << row.high;
}

TEST(FaultTable, EveryRowCanBeReached) {
  const auto reached = [](const FaultRow& row) {
    for (int code = row.low;; ++code) {
      const Fault fault(row.stage.value_or(Stage::sink), row.kind, code, "");
      if (hint(fault).data() == row.hint.data() && disposition(fault) == row.disposition)
        return true;
      if (code == row.high || code > row.low + 1000)
        return false;
    }
  };
  for (const FaultRow& row : fault_table())
    EXPECT_TRUE(reached(row)) << row.hint;
}

TEST(FaultTable, EveryHintStandsInTheManual) {
  std::ifstream file(GCSTREAMD_FAULTS_MD);
  const std::string manual{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(manual.empty()) << GCSTREAMD_FAULTS_MD;
  for (const FaultRow& row : fault_table())
    EXPECT_NE(manual.find(row.hint), std::string::npos) << "docs/faults.md lacks: " << row.hint;
}

TEST(TlsProblemName, IsAWordForEach) {
  std::vector<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(TlsProblem::local_file); ++code)
    names.push_back(name(static_cast<TlsProblem>(code)));
  EXPECT_EQ(names.front(), "");
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

TEST(StageName, IsAWordForEach) {
  EXPECT_EQ(name(oauth), "oauth");
  EXPECT_EQ(name(dns), "dns");
  EXPECT_EQ(name(connect), "connect");
  EXPECT_EQ(name(Stage::proxy), "proxy");
  EXPECT_EQ(name(Stage::tls), "tls");
  EXPECT_EQ(name(upgrade), "upgrade");
  EXPECT_EQ(name(subscribe), "subscribe");
  EXPECT_EQ(name(stream), "stream");
  EXPECT_EQ(name(sink), "sink");
}

TEST(DescribeErrno, HasTheSymbolicName) {
  EXPECT_EQ(errno_name(ENOSPC), "ENOSPC");
  EXPECT_EQ(describe_errno(ENOSPC), "No space left on device (ENOSPC)");
  EXPECT_EQ(errno_name(123456), "");
  EXPECT_THAT(describe_errno(123456), HasSubstr("unknown"));
}

TEST(Outcome, AskedForAValueThatIsNotThereThrows) {
  const Outcome<int> outcome = Fault(dns, Kind::timeout, 0, "no answer");
  EXPECT_THROW((void)outcome.value(), std::logic_error);
}

}  // namespace
}  // namespace gcstreamd
