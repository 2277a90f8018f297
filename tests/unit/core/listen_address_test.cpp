#include "gcstreamd/core/listen_address.hpp"

#include <gtest/gtest.h>

namespace gcstreamd {
namespace {

TEST(ListenAddress, IsANumericAddressOrASocketsPath) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:9477"), (ListenAddress{"127.0.0.1", 9477, ""}));
  EXPECT_EQ(parse_listen_address("localhost:0"), (ListenAddress{"127.0.0.1", 0, ""}));
  EXPECT_EQ(parse_listen_address("[::1]:65535"), (ListenAddress{"::1", 65535, ""}));
  EXPECT_EQ(parse_listen_address("0.0.0.0:80"), (ListenAddress{"0.0.0.0", 80, ""}));
  EXPECT_EQ(parse_listen_address("unix:/run/x"), (ListenAddress{"", 0, "/run/x"}));
}

TEST(ListenAddress, AnythingElseIsNone) {
  for (std::string_view text :
       {"", ":", "9477", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
        "127.0.0.1:-1", "127.0.0.1: 1", "::1:9477", "[::1]", "[::1", "example.org:80", "1.2.3:80",
        "unix:", "unix:relative", "unix:"})
    EXPECT_FALSE(parse_listen_address(text)) << text;
  EXPECT_FALSE(parse_listen_address("unix:/" + std::string(107, 'x')));
}

}  // namespace
}  // namespace gcstreamd
