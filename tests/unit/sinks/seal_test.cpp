#include "gcstreamd/sinks/seal.hpp"

#include <gmock/gmock.h>

#include "helpers/audit_log.hpp"

namespace gcstreamd {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

/// As `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256` gives.
constexpr std::string_view kCurvePem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2K8565Js8Wwq0LD2\n"
    "FSTCX1vwcBiTeXDOea/aXfMrOV+hRANCAATpGkvYfInxO9YJ1uQpKfmyB7pDi4y1\n"
    "jH4ZNH/M4RKfl5IWmF2WGpWMclOZ8eFnUAER29PBpJHqKFY/rTDdLPBN\n"
    "-----END PRIVATE KEY-----\n";

class SealTest : public testing::Test {
 protected:
  std::string fault_of_key(std::string_view pem) const {
    std::string fault;
    EXPECT_FALSE(SealKey::load(write_private(dir_, "key", pem), fault));
    return fault;
  }
  std::string fault_of_public(std::string_view pem) const {
    std::string fault;
    EXPECT_FALSE(SealPublicKeys::load(dir_.write("pub", pem), fault));
    return fault;
  }

  TempDir dir_;
};

// docs/audit-log.md's third record; the signature is made by `openssl pkeyutl -sign -rawin`.
TEST_F(SealTest, TheWorkedExampleOfTheDocumentation) {
  const std::string head = "994935728d8713a6b9d2c7fed4ea70a5de16718e28e0a21430442aa2cb0430b5";
  std::string line = R"({"ts":"2026-11-23T18:44:56.000000Z","stream":"main","type":"seal")";
  add_seal(line, 0, {}, {2, head}, *seal_key(dir_));
  EXPECT_THAT(line, HasSubstr(R"("type":"seal","sealNumber":1,"previousSeal":")" +
                              std::string(64, '0') + R"(","headRecord":2,"headHash":")" + head +
                              R"(","keyId":"56475aa75463474c","signature":")"));
  EXPECT_THAT(line, EndsWith("\"TaJUpkV823es51iRvgW5QAsTE6+pEeahij+bVipH3glEWbMCHmKKI/"
                             "4ItDIVMfnVHy2padkIStkxMCet/4IvCg==\""));
}

TEST_F(SealTest, WhatStandsBeforeTheLineIsNotSigned) {
  const auto key = seal_key(dir_);
  std::string alone = R"({"ts":"t","stream":"s","type":"seal")";
  std::string behind = "another line\n" + alone;
  add_seal(alone, 0, {}, {}, *key);
  add_seal(behind, 13, {}, {}, *key);
  EXPECT_EQ(behind.substr(13), alone);
}

TEST_F(SealTest, AWrittenSealIsRecognized) {
  LogMaker log;
  log.event(1);
  EXPECT_FALSE(seal_head_of(log.lines().back()));
  const auto key = seal_key(dir_);
  log.seal(*key);
  log.seal(*key);
  EXPECT_EQ(seal_head_of(log.lines().back()), log.last_seal());
  EXPECT_EQ(log.last_seal().number, 2U);
  log.add("connection_error", R"(,"error":",\"type\":\"seal\",\"sealNumber\":9")");
  EXPECT_FALSE(seal_head_of(log.lines().back()));
}

TEST_F(SealTest, AKeyThatOthersCanReadIsRefused) {
  std::string fault;
  EXPECT_FALSE(SealKey::load(dir_.write("open", kSealPem), fault));  // 0644
  EXPECT_THAT(fault, HasSubstr("others can read it"));
}

TEST_F(SealTest, WhatIsNoPrivateKeyIsToldWithHowToMakeOne) {
  for (const std::string_view text : {std::string_view("no key"), kSealPublicPem,
                                      std::string_view("-----BEGIN PRIVATE KEY-----\n")})
    EXPECT_THAT(fault_of_key(text), HasSubstr("openssl genpkey -algorithm ed25519 -out seal.pem"));
  EXPECT_THAT(fault_of_key(kSealPublicPem), HasSubstr("public key"));
}

TEST_F(SealTest, AKeyOfAnotherKindIsRefused) {
  EXPECT_THAT(fault_of_key(kCurvePem), HasSubstr("not of Ed25519"));
}

TEST_F(SealTest, AKeyThatNeedsAPassphraseIsRefused) {
  EXPECT_THAT(fault_of_key("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGjMF8G\n"
                           "-----END ENCRYPTED PRIVATE KEY-----\n"),
              HasSubstr("passphrase"));
}

TEST_F(SealTest, NoFaultShowsTheKey) {
  std::string broken(kSealPem);
  broken.replace(broken.find("AgMEBQ"), 1, "!");
  EXPECT_THAT(fault_of_key(broken), Not(HasSubstr("gMEBQ")));
}

TEST_F(SealTest, WhatIsNoPublicKeyIsToldWithHowToGetIt) {
  EXPECT_THAT(fault_of_public("x"), HasSubstr("openssl pkey -in seal.pem -pubout"));
  EXPECT_THAT(fault_of_public(""), HasSubstr("no public key"));
  EXPECT_THAT(fault_of_public(kSealPem), HasSubstr("private key"));
  std::string fault;
  EXPECT_FALSE(SealPublicKeys::load(dir_.file("absent"), fault));
  EXPECT_THAT(fault, HasSubstr("ENOENT"));
}

TEST_F(SealTest, TwoPublicKeysServeALogWhoseKeyWasChanged) {
  const auto keys =
      public_keys(dir_, std::string(kOtherSealPublicPem) + std::string(kSealPublicPem));
  for (const std::string_view pem : {kSealPem, kOtherSealPem}) {
    LogMaker log;
    log.seal(*seal_key(dir_, pem));
    const std::string line = log.lines().back() + std::string(AuditLineParser::kPadding, ' ');
    AuditLineParser parser;
    AuditLine record;
    const auto text = std::string_view(line).substr(0, log.lines().back().size());
    ASSERT_EQ(parser.parse(text, record), "");
    EXPECT_EQ(keys.check(record, split_chained(text).value().fields), "");
  }
}

}  // namespace
}  // namespace gcstreamd
