#include <openssl/ssl.h>

#include <functional>

#include "integration/stream_test.hpp"
#include "support/case_name.hpp"
#include "support/full_listener.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

/// What of a fault stands in the `connection_error`, and why the next attempt follows.
struct Told {
  std::string stage;
  std::string error;
  std::string hint;
  std::string cause;
};

void expect_told(const json& record, const json& reconnect, const Told& told) {
  EXPECT_EQ(record.at("stage"), told.stage) << record;
  EXPECT_NE(record.at("error").get<std::string>().find(told.error), std::string::npos) << record;
  EXPECT_NE(record.at("hint").get<std::string>().find(told.hint), std::string::npos) << record;
  EXPECT_TRUE(reconnect.at("cause").get<std::string>().starts_with(told.cause)) << reconnect;
}

struct ServerFault {
  std::string name;
  PeerOptions options;
  Told told;
};

void PrintTo(const ServerFault& fault, std::ostream* out) {
  *out << fault.name;
}

class TlsServerFaultTest : public StreamTest, public ::testing::WithParamInterface<ServerFault> {};

TEST_P(TlsServerFaultTest, is_told_with_a_hint_and_retried) {
  Peer faulty(GetParam().options);
  config_ = config_for(faulty, dir_);
  run();
  faulty.expect_failed_handshake();
  expect_told(first("connection_error"), first("scheduling_reconnect"), GetParam().told);
  faulty.expect_failed_handshake();
}

Told of_certificate(std::string error, std::string hint, const std::string& cause) {
  return {"tls", std::move(error), std::move(hint), "tls_" + cause};
}

ServerFault flawed(std::string name, Flaw flaw, Told told) {
  return {std::move(name), PeerOptions{.flaw = flaw}, std::move(told)};
}

INSTANTIATE_TEST_SUITE_P(
    Certificate, TlsServerFaultTest,
    ::testing::Values(
        flawed("expired", Flaw::expired,
               of_certificate("has expired", "renew", "certificate_expired")),
        flawed("not_yet_valid", Flaw::not_yet_valid,
               of_certificate("not yet valid", "clock", "not_yet_valid")),
        flawed("self_signed", Flaw::self_signed,
               of_certificate("self-signed", "tls.ca_file", "self_signed")),
        flawed("wrong_purpose", Flaw::wrong_purpose,
               of_certificate("purpose", "serverAuth", "wrong_purpose")),
        flawed("small_key", Flaw::small_key,
               of_certificate("key too weak", "RSA under 2048", "weak")),
        flawed("weak_digest", Flaw::weak_digest, of_certificate("too weak", "SHA-1", "weak")),
        ServerFault{"wrong_host", PeerOptions{.dns_names = {"elsewhere.example"}},
                    of_certificate("not for localhost", "another host's", "wrong_host")}),
    case_name<ServerFault>);

INSTANTIATE_TEST_SUITE_P(
    Handshake, TlsServerFaultTest,
    ::testing::Values(
        ServerFault{"old_protocol", PeerOptions{.max_tls_version = TLS1_1_VERSION},
                    of_certificate("no TLS version", "tls.min_version", "protocol_version")},
        ServerFault{"no_shared_cipher",
                    PeerOptions{.max_tls_version = TLS1_2_VERSION,
                                .ciphers = "ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0"},
                    of_certificate("no TLS cipher in common", "cipher", "no_shared_cipher")},
        ServerFault{
            "client_certificate_1_2",
            PeerOptions{.max_tls_version = TLS1_2_VERSION, .wants_client_certificate = true},
            of_certificate("wants a client certificate", "tls.client_cert_file",
                           "client_certificate")},
        ServerFault{"client_certificate_1_3", PeerOptions{.wants_client_certificate = true},
                    of_certificate("wants a client certificate", "tls.client_cert_file",
                                   "client_certificate")}),
    case_name<ServerFault>);

using TlsScenarioTest = StreamTest;

TEST_F(TlsScenarioTest, an_authority_that_is_not_known_is_told) {
  const Peer other;
  stream()["tls"]["ca_file"] = other.ca_file();
  run();
  peer_.expect_failed_handshake();
  expect_told(first("connection_error"), first("scheduling_reconnect"),
              of_certificate("localhost", "tls.ca_file", "unknown_issuer"));
}

TEST_F(TlsScenarioTest, a_client_certificate_that_the_stream_wants_is_told_at_the_upgrade) {
  Peer strict(PeerOptions{.wants_client_certificate = true});
  const std::string both = read_file(peer_.ca_file()) + read_file(strict.ca_file());
  stream()["tls"]["ca_file"] = dir_.write("both.pem", both).string();
  stream()["endpoints"]["stream_url"] = "wss://localhost:" + std::to_string(strict.port()) + "/";
  run();
  peer_.serve_token();
  strict.expect_failed_handshake();
  expect_told(
      first("connection_error"), first("scheduling_reconnect"),
      of_certificate("wants a client certificate", "tls.client_cert_file", "client_certificate"));
  strict.expect_failed_handshake();
}

TEST_F(TlsScenarioTest, a_client_certificate_that_the_server_refuses_is_told) {
  Peer strict(PeerOptions{.wants_client_certificate = true, .refuses_client_certificate = true});
  config_ = config_for(strict, dir_);
  const auto [certificate, key] = strict.client_certificate();
  stream()["tls"]["client_cert_file"] = certificate;
  stream()["tls"]["client_key_file"] = key;
  run();
  strict.expect_failed_handshake();
  expect_told(first("connection_error"), first("scheduling_reconnect"),
              of_certificate("wants a client certificate that it takes", "tls.client_cert_file",
                             "client_certificate"));
}

TEST_F(TlsScenarioTest, a_server_that_takes_no_tcp_connection_is_told) {
  const FullListener full;
  stream()["connect_timeout_s"] = 1;
  stream()["endpoints"]["stream_url"] = "wss://127.0.0.1:" + std::to_string(full.port()) + "/";
  run();
  peer_.serve_token();
  expect_told(first("connection_error"), first("scheduling_reconnect"),
              Told{"connect", "no TCP connection within 1 s", "firewalls", "connect_timeout"});
}

/// What a server without TLS does with the client's hello.
struct RawFault {
  std::string name;
  std::function<void(RawConnection&)> answer;
  Told told;
};

void PrintTo(const RawFault& fault, std::ostream* out) {
  *out << fault.name;
}

class TlsRawFaultTest : public StreamTest, public ::testing::WithParamInterface<RawFault> {};

TEST_P(TlsRawFaultTest, is_told_with_a_hint_and_retried) {
  stream()["connect_timeout_s"] = 1;
  run();
  RawConnection connection = peer_.expect_connection();
  connection.expect_bytes();
  GetParam().answer(connection);
  const Session session = peer_.open_stream();
  expect_told(first("connection_error"), first("scheduling_reconnect"), GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(
    Hello, TlsRawFaultTest,
    ::testing::Values(RawFault{"reset", [](RawConnection& connection) { connection.drop(); },
                               of_certificate("during the TLS handshake", "firewalls", "cut_off")},
                      RawFault{"hang_up",
                               [](RawConnection& connection) {
                                 connection.finish();
                                 connection.expect_end();
                               },
                               of_certificate("during the TLS handshake", "firewalls", "cut_off")},
                      RawFault{"cut_in_a_record",
                               [](RawConnection& connection) {
                                 connection.write(std::string("\x16\x03\x03\x00\x7A\x02\x00", 7));
                                 connection.finish();
                                 connection.expect_end();
                               },
                               of_certificate("during the TLS handshake", "firewalls", "cut_off")},
                      RawFault{"not_tls",
                               [](RawConnection& connection) {
                                 connection.write("HTTP/1.1 400 Bad Request\r\n\r\n");
                                 connection.expect_end();
                               },
                               of_certificate("does not speak TLS", "port", "not_tls")},
                      RawFault{"silent", [](RawConnection& connection) { connection.expect_end(); },
                               Told{"tls", "no TLS handshake within 1 s", "port", "tls_timeout"}}),
    case_name<RawFault>);

/// A file of ours that is damaged while the daemon runs.
struct FileFault {
  std::string name;
  std::string key;
  std::string content;  ///< "": the file is gone
};

void PrintTo(const FileFault& fault, std::ostream* out) {
  *out << fault.name;
}

class TlsFileFaultTest : public StreamTest, public ::testing::WithParamInterface<FileFault> {};

TEST_P(TlsFileFaultTest, is_told_by_its_key_and_read_again) {
  const auto [certificate, key] = peer_.client_certificate();
  const std::map<std::string, std::string> files{{"ca_file", read_file(peer_.ca_file())},
                                                 {"client_cert_file", read_file(certificate)},
                                                 {"client_key_file", read_file(key)}};
  for (const auto& [name, content] : files) {
    stream()["tls"][name] = dir_.write(name, content).string();
  }
  run();
  const HttpRequest request = peer_.expect_http();
  const auto damaged = dir_ / GetParam().key;
  std::filesystem::remove(damaged);
  if (!GetParam().content.empty()) {
    dir_.write(GetParam().key, GetParam().content);
  }
  request.reply(200, R"({"access_token":"t","expires_in":3600})");
  expect_told(
      first("connection_error"), first("scheduling_reconnect"),
      of_certificate("tls." + GetParam().key + " " + damaged.string(), "read again", "local_file"));
  dir_.write(GetParam().key, files.at(GetParam().key));
  const Session session = peer_.reopen_stream();
}

INSTANTIATE_TEST_SUITE_P(Files, TlsFileFaultTest,
                         ::testing::Values(FileFault{"ca_gone", "ca_file", ""},
                                           FileFault{"ca_damaged", "ca_file", "not PEM"},
                                           FileFault{"certificate_gone", "client_cert_file", ""},
                                           FileFault{"certificate_damaged", "client_cert_file",
                                                     "not PEM"},
                                           FileFault{"key_gone", "client_key_file", ""},
                                           FileFault{"key_damaged", "client_key_file", "not PEM"}),
                         case_name<FileFault>);

/// A stream's endpoint that cannot be connected to.
struct ConnectFault {
  std::string name;
  std::string authority;  ///< host and port; "": a port of this machine that is closed
  Told told;
};

void PrintTo(const ConnectFault& fault, std::ostream* out) {
  *out << fault.name;
}

class ConnectFaultTest : public StreamTest, public ::testing::WithParamInterface<ConnectFault> {};

std::string closed_port() {
  const Peer gone;
  return "127.0.0.1:" + std::to_string(gone.port());
}

TEST_P(ConnectFaultTest, is_told_with_a_hint_and_retried) {
  const auto& [name, authority, told] = GetParam();
  stream()["connect_timeout_s"] = 1;
  stream()["endpoints"]["stream_url"] =
      "wss://" + (authority.empty() ? closed_port() : authority) + "/";
  run();
  peer_.serve_token();
  expect_told(first("connection_error"), first("scheduling_reconnect"), told);
}

INSTANTIATE_TEST_SUITE_P(
    Endpoint, ConnectFaultTest,
    ::testing::Values(
        // "There is no such name", "the name server does not answer", or no answer in time: that
        // depends on the machine.
        ConnectFault{"unknown_name", "no-such-host.invalid",
                     Told{"dns", "no-such-host.invalid: ", "DNS", "dns_"}},
        ConnectFault{"refused", "",
                     Told{"connect", "ECONNREFUSED", "nothing listens there", "connect_error"}},
        ConnectFault{"unreachable", "127.255.255.255:9",
                     Told{"connect", "127.255.255.255:9: Network is unreachable (ENETUNREACH)",
                          "routes", "connect_error"}}),
    case_name<ConnectFault>);

}  // namespace
}  // namespace gcstreamd::testing
