#include <openssl/ssl.h>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using TlsTest = StreamTest;

TEST_F(TlsTest, an_unknown_authority_is_sent_nothing) {
  const Peer other;
  stream()["tls"]["ca_file"] = other.ca_file();
  run();
  peer_.expect_failed_handshake();
  const auto record = first("connection_error");
  EXPECT_EQ(record.at("stage"), "tls");
  EXPECT_TRUE(record.at("error").is_string());
  peer_.expect_failed_handshake();
}

TEST_F(TlsTest, the_system_store_does_not_know_the_peer) {
  stream().erase("tls");
  run();
  peer_.expect_failed_handshake();
  EXPECT_EQ(first("connection_error").at("stage"), "tls");
}

TEST_F(TlsTest, the_system_store_may_be_one_file) {
  stream().erase("tls");
  run({{"SSL_CERT_FILE", peer_.ca_file()}, {"SSL_CERT_DIR", dir_.path().string()}});
  static_cast<void>(peer_.open_stream());
}

TEST_F(TlsTest, the_system_store_is_trusted_beside_a_ca_file) {
  const Peer other;
  stream()["tls"]["ca_file"] = other.ca_file();
  run({{"SSL_CERT_FILE", peer_.ca_file()}, {"SSL_CERT_DIR", dir_.path().string()}});
  static_cast<void>(peer_.open_stream());
}

TEST_F(TlsTest, an_expired_authority_in_the_ca_file_does_not_hide_its_renewed_one) {
  Peer renewed(PeerOptions{.flaw = Flaw::renewed_authority});
  config_ = config_for(renewed, dir_);
  stream()["tls"]["ca_file"] = renewed.expired_ca_file();
  run({{"SSL_CERT_FILE", renewed.ca_file()}, {"SSL_CERT_DIR", dir_.path().string()}});
  static_cast<void>(renewed.open_stream());
}

TEST_F(TlsTest, the_stream_of_another_host_is_sent_nothing) {
  Peer other(PeerOptions{.dns_names = {"elsewhere.example"}, .addresses = {"127.0.0.1"}});
  const std::string both = read_file(peer_.ca_file()) + read_file(other.ca_file());
  stream()["tls"]["ca_file"] = dir_.write("both.pem", both).string();
  stream()["endpoints"]["stream_url"] = "wss://localhost:" + std::to_string(other.port()) + "/";
  run();
  peer_.serve_token();
  other.expect_failed_handshake();
  EXPECT_EQ(first("connection_error").at("stage"), "tls");
}

TEST_F(TlsTest, an_ip_address_is_verified_as_such) {
  Peer other(PeerOptions{.dns_names = {"127.0.0.1"}, .addresses = {}});
  const std::string both = read_file(peer_.ca_file()) + read_file(other.ca_file());
  stream()["tls"]["ca_file"] = dir_.write("both.pem", both).string();
  stream()["endpoints"]["stream_url"] = "wss://127.0.0.1:" + std::to_string(other.port()) + "/";
  run();
  peer_.serve_token();
  other.expect_failed_handshake();
  EXPECT_EQ(first("connection_error").at("stage"), "tls");
}

TEST_F(TlsTest, server_name_indication_names_the_host) {
  run();
  EXPECT_EQ(peer_.serve_token().server_name, "localhost");
  EXPECT_EQ(peer_.reopen_stream().socket.request().server_name, "localhost");
}

TEST_F(TlsTest, tls_1_1_is_refused) {
  Peer old(PeerOptions{.max_tls_version = TLS1_1_VERSION});
  config_ = config_for(old, dir_);
  run();
  old.expect_failed_handshake();
  EXPECT_EQ(first("connection_error").at("stage"), "tls");
}

TEST_F(TlsTest, tls_1_2_is_accepted) {
  Peer old(PeerOptions{.max_tls_version = TLS1_2_VERSION});
  config_ = config_for(old, dir_);
  run();
  EXPECT_EQ(old.open_stream().subscription.at("type"), "interaction");
}

TEST_F(TlsTest, tls_1_2_is_refused_where_1_3_is_the_minimum) {
  Peer old(PeerOptions{.max_tls_version = TLS1_2_VERSION});
  config_ = config_for(old, dir_);
  stream()["tls"]["min_version"] = "1.3";
  run();
  old.expect_failed_handshake();
  EXPECT_EQ(first("connection_error").at("stage"), "tls");
}

TEST_F(TlsTest, a_client_certificate_is_shown_when_configured) {
  Peer strict(PeerOptions{.wants_client_certificate = true});
  config_ = config_for(strict, dir_);
  const auto [certificate, key] = strict.client_certificate();
  stream()["tls"]["client_cert_file"] = certificate;
  stream()["tls"]["client_key_file"] = key;
  run();
  EXPECT_TRUE(strict.serve_token().has_client_certificate);
}

}  // namespace
}  // namespace gcstreamd::testing
