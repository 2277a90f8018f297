#include "gcstreamd/sinks/audit_chain.hpp"

#include <gmock/gmock.h>
#include <openssl/evp.h>

#include <array>

namespace gcstreamd {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

/// The contract's words again, in another hand.
std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, 32> hash{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned char byte : hash) {
    std::array<char, 3> two{};
    std::snprintf(two.data(), two.size(), "%02x", byte);
    hex += two.data();
  }
  return hex;
}

std::string sealed(AuditChain& chain, std::string_view begun) {
  std::string lines = "what stands before\n";
  const std::size_t start = lines.size();
  lines += begun;
  chain.seal_line(lines, start);
  EXPECT_TRUE(lines.starts_with("what stands before\n"));
  return lines.substr(start);
}

const std::string kZeros(64, '0');

TEST(AuditChain, BeginsWithSixtyFourZeros) {
  const AuditChain chain;
  EXPECT_EQ(chain.head().n, 0U);
  EXPECT_EQ(chain.head().hash, kZeros);
}

TEST(AuditChain, AHashCoversThePreviousOneAndTheLineWithoutItsHash) {
  AuditChain chain;
  const std::string first = R"({"ts":"t","stream":"s","type":"daemon_started","version":"1")";
  const std::string hash1 = sha256_hex(kZeros + first + R"(,"n":1)");
  EXPECT_EQ(sealed(chain, first), first + R"(,"n":1,"hash":")" + hash1 + "\"}\n");
  const std::string second = R"({"ts":"t","stream":"s","type":"x")";
  const std::string hash2 = sha256_hex(hash1 + second + R"(,"n":2)");
  EXPECT_EQ(sealed(chain, second), second + R"(,"n":2,"hash":")" + hash2 + "\"}\n");
  EXPECT_EQ(chain.head(), (ChainHead{2, hash2}));
}

// Computed by: printf '%064d%s' 0 '{"ts":"2026-11-23T18:44:55.000000Z","stream":"main",
// "type":"daemon_stopping","signal":"SIGTERM","n":1' | sha256sum   (without the line break)
TEST(AuditChain, AWorkedExample) {
  AuditChain chain;
  EXPECT_THAT(
      sealed(chain,
             R"({"ts":"2026-11-23T18:44:55.000000Z","stream":"main","type":"daemon_stopping",)"
             R"("signal":"SIGTERM")"),
      EndsWith(
          R"(,"n":1,"hash":"d8b05d06e616b8d7eadb46bb188761492b83d520b60cab86341c4acf2f25518a"})"
          "\n"));
}

TEST(AuditChain, GoesOnFromAHead) {
  AuditChain chain;
  chain.continue_from({41, std::string(64, 'a')});
  EXPECT_THAT(sealed(chain, "{\"a\":1"), HasSubstr(R"(,"n":42,"hash":")"));
  EXPECT_EQ(chain.head().hash, sha256_hex(std::string(64, 'a') + "{\"a\":1,\"n\":42"));
}

TEST(AuditChain, AnyChangeOfALineChangesItsHash) {
  const std::string line = R"({"type":"x","v":"abc")";
  AuditChain original;
  sealed(original, line);
  for (std::size_t i = 0; i < line.size(); ++i) {
    std::string changed = line;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    AuditChain chain;
    sealed(chain, changed);
    EXPECT_NE(chain.head().hash, original.head().hash) << i;
  }
}

TEST(ChainHeadOf, ReadsWhatSealLineWrote) {
  AuditChain chain;
  for (int i = 0; i < 12; ++i) {
    std::string line = sealed(chain, R"({"ts":"t","type":"x")");
    line.pop_back();
    EXPECT_EQ(chain_head_of(line), chain.head());
  }
}

const std::string kHash(64, 'b');

TEST(ChainHeadOf, IsNotMisledByFieldsThatLookLikeIt) {
  for (const std::string& field : {
           std::string(R"("reason":",\"hash\":\"00\"}")"),
           std::string(R"("reason":",\"n\":7,\"hash\":\"deadbeef\"}")"),
           std::string(R"("hash":"x","n":9)"),
           R"("hash":")" + std::string(64, 'c') + R"(","n":9,"x":1)",
       })
    EXPECT_EQ(chain_head_of("{\"ts\":\"t\"," + field + R"(,"n":5,"hash":")" + kHash + "\"}"),
              (ChainHead{5, kHash}))
        << field;
}

TEST(ChainHeadOf, IsEmptyForAnythingElse) {
  const std::string tail = R"(,"hash":")" + kHash;
  for (const std::string& line : {
           std::string(),
           std::string("{}"),
           std::string(R"({"eventType":"a"})"),
           "{\"a\":1,\"n\":5" + tail,           // unfinished
           "{\"a\":1,\"n\":5" + tail + "\"",    // unfinished
           "{\"a\":1,\"n\":5" + tail + "\"} ",  // something behind it
           "{\"a\":1" + tail + "\"}",           // no number
           "{\"a\":1,\"n\":" + tail + "\"}",    // no digits
           "{\"a\":1,\"n\":-5" + tail + "\"}",
           "{\"a\":1,\"n\":5.0" + tail + "\"}",
           "{\"a\":1,\"n\":99999999999999999999" + tail + "\"}",
           "{\"a\":1,\"n\":5,\"x\":1" + tail + "\"}",  // not next to it
           "{\"a\":1,\"n\":5" + tail + "b\"}",         // 65 digits
           std::string(R"({"a":1,"n":5,"hash":"bb"})"),
           R"({"a":1,"n":5,"hash":")" + std::string(64, 'B') + "\"}",
           R"({"a":1,"n":5,"hash":")" + std::string(64, 'g') + "\"}",
       })
    EXPECT_FALSE(chain_head_of(line)) << line;
}

}  // namespace
}  // namespace gcstreamd
