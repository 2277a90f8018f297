#include "simulator/server.hpp"

#include <gtest/gtest.h>

#include <boost/system/system_error.hpp>

namespace gcstream_sim {
namespace {

Options with_identity() {
  Options options;
  options.identity = CertificateAuthority().issue({});
  return options;
}

TEST(Server, stops_at_once_when_nobody_is_connected) {
  boost::asio::io_context context;
  Server server(context, with_identity());
  EXPECT_NE(server.port(), 0);
  server.stop();
  context.run();
  EXPECT_EQ(server.counters().connections, 0U);
}

TEST(Server, creates_as_fast_as_possible_up_to_the_count) {
  boost::asio::io_context context;
  Options options = with_identity();
  options.rate = 0;
  options.feed.count = 150;
  Server server(context, options);
  while (server.last_sequence_number() < 150) {
    context.run_one();
  }
  server.stop();
  context.run();
  EXPECT_EQ(server.counters().created, 150U);
}

TEST(Server, waits_for_a_client_when_told_to) {
  boost::asio::io_context context;
  Options options = with_identity();
  options.rate = 0;
  options.feed.count = 10;
  options.wait_for_client = true;
  Server server(context, options);
  context.run_one();
  server.stop();
  context.run();
  EXPECT_EQ(server.counters().created, 0U);
}

TEST(Server, creates_one_more_event_and_then_none_when_it_is_to_finish) {
  boost::asio::io_context context;
  Options options = with_identity();
  options.rate = 1000;
  Server server(context, options);
  while (server.last_sequence_number() < 3) {
    context.run_one();
  }
  const auto before = server.last_sequence_number();
  server.finish();
  context.run_one();  // what would create more
  server.stop();
  context.run();
  EXPECT_EQ(server.last_sequence_number(), before + 1);
}

TEST(Server, a_taken_port_is_an_error) {
  boost::asio::io_context context;
  Options options = with_identity();
  const Server first(context, options);
  options.port = first.port();
  EXPECT_THROW(Server(context, options), boost::system::system_error);
}

}  // namespace
}  // namespace gcstream_sim
