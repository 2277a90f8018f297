#include "integration/stream_test.hpp"
#include "support/full_listener.hpp"

namespace gcstreamd::testing {
namespace {

/// The daemon looks names up in a file that the test changes.
class AddressTest : public StreamTest {
 protected:
  /// The stream `host.test` is at these peers' port, whichever address it has.
  void use(const std::vector<const Peer*>& peers) {
    std::string authorities;
    for (const Peer* peer : peers) {
      authorities += read_file(peer->ca_file());
    }
    const std::string host = "host.test:" + std::to_string(peers[0]->port());
    stream()["tls"]["ca_file"] = dir_.write("authorities.pem", authorities).string();
    stream()["endpoints"] = {{"oauth_url", "https://" + host + "/oauth/token"},
                             {"stream_url", "wss://" + host + "/stream"}};
  }
  void answer(const std::string& addresses) const {
    dir_.write("dns", "host.test " + addresses + '\n');
  }
  void run_with_dns() {
    run({{"LD_PRELOAD", GCSTREAMD_DNS_SHIM},
         {"GCSTREAMD_DNS_FILE", (dir_ / "dns").string()},
         {"ASAN_OPTIONS", "verify_asan_link_order=0"}});
  }
  static PeerOptions at(std::string address, std::uint16_t port = 0) {
    return {.dns_names = {"host.test"}, .listen_on = std::move(address), .port = port};
  }
};

TEST_F(AddressTest, an_address_that_stays_silent_holds_up_nobody) {
  const FullListener silent;
  Peer peer(at("127.0.0.2", silent.port()));
  use({&peer});
  answer("127.0.0.1 127.0.0.2");
  run_with_dns();
  const Session session = peer.open_stream();
  EXPECT_TRUE(records("connection_error").empty());
}

TEST_F(AddressTest, an_ipv6_address_that_refuses_is_followed_by_ipv4) {
  Peer peer(at("127.0.0.1"));
  use({&peer});
  answer("::1 127.0.0.1");
  run_with_dns();
  const Session session = peer.open_stream();
  EXPECT_TRUE(records("connection_error").empty());
}

TEST_F(AddressTest, ipv6_is_used_where_it_answers) {
  Peer peer(at("::1"));
  use({&peer});
  answer("127.0.0.1 ::1");
  run_with_dns();
  const Session session = peer.open_stream();
  EXPECT_TRUE(records("connection_error").empty());
}

TEST_F(AddressTest, where_all_refuse_the_most_telling_error_is_told) {
  Peer peer(at("127.0.0.1"));
  use({&peer});
  answer("127.255.255.255 127.0.0.3");
  run_with_dns();
  const auto record = first("connection_error");
  EXPECT_EQ(record.at("stage"), "connect");
  EXPECT_NE(record.at("error").get<std::string>().find("ECONNREFUSED"), std::string::npos)
      << record;
}

TEST_F(AddressTest, a_name_that_moved_is_found_at_the_next_attempt) {
  Peer here(at("127.0.0.1"));
  Peer there(at("127.0.0.2", here.port()));
  use({&here, &there});
  answer("127.0.0.1");
  run_with_dns();
  Session session = here.open_stream();
  answer("127.0.0.2");
  session.socket.drop();
  EXPECT_EQ(there.reopen_stream().subscription.at("type"), "interaction");
}

TEST_F(AddressTest, a_name_server_that_fails_is_told_and_asked_again) {
  Peer peer(at("127.0.0.1"));
  use({&peer});
  answer("!");
  run_with_dns();
  const auto record = first("connection_error");
  EXPECT_EQ(record.at("stage"), "dns");
  EXPECT_EQ(record.at("error"), "host.test: the name server does not answer");
  EXPECT_NE(record.at("hint").get<std::string>().find("/etc/resolv.conf"), std::string::npos);
  answer("127.0.0.1");
  const Session session = peer.open_stream();
  EXPECT_EQ(first("scheduling_reconnect").at("cause"), "dns_error");
}

}  // namespace
}  // namespace gcstreamd::testing
