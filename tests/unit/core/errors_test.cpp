#include "gcstreamd/core/errors.hpp"

#include <gmock/gmock.h>

#include <cerrno>
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

INSTANTIATE_TEST_SUITE_P(
    Rows, FaultTable,
    testing::Values(
        Case{oauth, Kind::http_status, 400, fatal, "client_id"},
        Case{oauth, Kind::http_status, 401, fatal, "client_id"},
        Case{oauth, Kind::http_status, 403, fatal, "roles and scopes"},
        Case{oauth, Kind::http_status, 404, Disposition::retry, "oauth_url"},
        Case{oauth, Kind::http_status, 429, Disposition::retry, "reconnect.base_delay_ms"},
        Case{oauth, Kind::http_status, 503, Disposition::retry, "server is failing"},
        Case{oauth, Kind::protocol, 0, Disposition::retry, "not a token"},
        Case{oauth, Kind::protocol, 200, Disposition::retry, "not a token"},
        Case{upgrade, Kind::http_status, 401, refresh_token, "analytics:stream:read"},
        Case{upgrade, Kind::http_status, 403, Disposition::retry, "analytics:events:read"},
        Case{upgrade, Kind::http_status, 404, Disposition::retry, "stream_url"},
        Case{upgrade, Kind::http_status, 429, Disposition::retry, "reconnect.base_delay_ms"},
        Case{upgrade, Kind::http_status, 500, Disposition::retry, "server is failing"},
        Case{upgrade, Kind::http_status, 599, Disposition::retry, "server is failing"},
        Case{stream, Kind::close_code, 1006, Disposition::retry, "idle timeouts"},
        Case{stream, Kind::close_code, 1008, Disposition::retry, "policy"},
        Case{stream, Kind::close_code, 1009, Disposition::retry, "limits.max_frame_bytes"},
        Case{dns, Kind::system, 2, Disposition::retry, "DNS"},
        Case{dns, Kind::timeout, 0, Disposition::retry, "name server"},
        Case{connect, Kind::timeout, 0, Disposition::retry, "firewalls"},
        Case{connect, Kind::system, ECONNREFUSED, Disposition::retry, "host and port"},
        Case{Stage::tls, Kind::tls, 0, Disposition::retry, "tls.ca_file"},
        Case{Stage::tls, Kind::tls, 20, Disposition::retry, "tls.ca_file"},
        Case{stream, Kind::timeout, 0, Disposition::retry, "silent"},
        Case{stream, Kind::system, ECONNRESET, Disposition::retry, "idle timeouts"}));

INSTANTIATE_TEST_SUITE_P(
    WhatNoRowNamesIsRetried, FaultTable,
    testing::Values(Case{oauth, Kind::http_status, 402, Disposition::retry, ""},
                    Case{oauth, Kind::http_status, 302, Disposition::retry, ""},
                    Case{upgrade, Kind::http_status, 400, Disposition::retry, ""},
                    Case{upgrade, Kind::http_status, 200, Disposition::retry, ""},
                    Case{upgrade, Kind::http_status, 600, Disposition::retry, ""},
                    Case{upgrade, Kind::protocol, 0, Disposition::retry, ""},
                    Case{stream, Kind::close_code, 1000, Disposition::retry, ""},
                    Case{stream, Kind::close_code, 1001, Disposition::retry, ""},
                    Case{stream, Kind::close_code, 4999, Disposition::retry, ""},
                    Case{stream, Kind::close_code, 0, Disposition::retry, ""},
                    Case{subscribe, Kind::protocol, 0, Disposition::retry, ""},
                    Case{sink, Kind::system, ENOSPC, Disposition::retry, ""},
                    Case{Stage::tls, Kind::system, ECONNRESET, Disposition::retry, ""},
                    Case{stream, Kind::cancelled, 0, Disposition::retry, ""},
                    Case{upgrade, Kind::http_status, -1, Disposition::retry, ""}));

TEST(CauseOf, IsAShortWord) {
  EXPECT_EQ(cause_of(Fault(upgrade, Kind::http_status, 503, "")), "upgrade_http_503");
  EXPECT_EQ(cause_of(Fault(oauth, Kind::http_status, 401, "")), "oauth_http_401");
  EXPECT_EQ(cause_of(Fault(stream, Kind::close_code, 1001, "")), "close_1001");
  EXPECT_EQ(cause_of(Fault(Stage::tls, Kind::tls, 20, "")), "tls");
  EXPECT_EQ(cause_of(Fault(connect, Kind::timeout, 0, "")), "connect_timeout");
  EXPECT_EQ(cause_of(Fault(dns, Kind::system, 2, "")), "dns_error");
  EXPECT_EQ(cause_of(Fault(oauth, Kind::protocol, 0, "")), "oauth_error");
  EXPECT_EQ(cause_of(Fault(stream, Kind::cancelled, 0, "")), "cancelled");
}

TEST(StageName, IsAWordForEach) {
  EXPECT_EQ(name(oauth), "oauth");
  EXPECT_EQ(name(dns), "dns");
  EXPECT_EQ(name(connect), "connect");
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
