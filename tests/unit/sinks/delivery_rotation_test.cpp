#include <set>

#include "sinks/delivery_fixture.hpp"

namespace gcstreamd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// Files that are rotated by the sinks themselves.
class DeliveryRotationTest : public DeliveryTest {
 protected:
  void SetUp() override {
    bench_.context.tidy = [this](const std::string& path, const RotateConfig&,
                                 const std::string& finished) {
      tidied_.push_back(path + " " + finished);
    };
    answer_ = true;
  }
  SinkConfig& add_rotated(const std::string& type, const std::string& name,
                          std::uint64_t max_bytes) {
    SinkConfig& sink = add(type, name);
    sink.rotate.max_bytes = max_bytes;
    return sink;
  }
  /// The rotated files' contents, the oldest first.
  std::vector<std::string> rotated(const std::string& name) {
    std::vector<std::string> contents;
    for (const auto& [file_path, file] : bench_.disk.names())
      if (file_path.starts_with(path(name) + ".2"))
        contents.push_back(file->content);
    return contents;
  }
  bool await_rotation(std::size_t times) {
    return bench_.run_until([&] { return count("file_rotated") == times; });
  }

  std::vector<std::string> tidied_;
};

TEST_F(DeliveryRotationTest, AFileThatHasItsSizeIsLeftForANewOne) {
  add_rotated("file", "one", 6);
  ASSERT_EQ(make(), "");
  deliver(11);
  delivery_->flush();
  deliver(12);
  delivery_->flush();
  ASSERT_TRUE(await_rotation(1));
  deliver(13);
  EXPECT_TRUE(settle());
  EXPECT_THAT(rotated("one"), ElementsAre("11\n12\n"));
  EXPECT_EQ(content("one"), "13\n");
  EXPECT_EQ(position(), 13U);
  ASSERT_EQ(tidied_.size(), 2U);
  EXPECT_EQ(tidied_[0], "/nowhere/one ");
  EXPECT_THAT(tidied_[1], StartsWith("/nowhere/one /nowhere/one.2"));
}

TEST_F(DeliveryRotationTest, TheOldFileIsSyncedAndThePositionSavedBeforeItGetsItsName) {
  add_rotated("file", "one", 3);
  answer_.reset();
  ASSERT_EQ(make(), "");
  file("one").stall();
  deliver(11);
  delivery_->flush();
  turn();
  deliver(12);  // waits
  delivery_->flush();
  EXPECT_TRUE(saves_.empty());
  file("one").go_on();
  ASSERT_TRUE(wait_for("save wanted"));
  EXPECT_EQ(saves_.at(0).position, 11U);
  EXPECT_TRUE(rotated("one").empty());
  delivery_->saved(true);
  EXPECT_THAT(rotated("one"), ElementsAre("11\n"));
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("one"), "12\n");
}

TEST_F(DeliveryRotationTest, AgesAreLookedAtOnTheTick) {
  add("file", "one").rotate.max_age = 1s;
  ASSERT_EQ(make(), "");
  deliver(11);
  delivery_->flush();
  delivery_->on_tick();
  EXPECT_EQ(count("file_rotated"), 0U);
  now_ += 2s;
  delivery_->on_tick();
  EXPECT_TRUE(await_rotation(1));
}

TEST_F(DeliveryRotationTest, AnEmptyFileIsNeverRotated) {
  add("file", "one").rotate.max_age = 1s;
  ASSERT_EQ(make(), "");
  delivery_->on_tick();
  now_ += 100s;
  delivery_->on_tick();
  turn();
  EXPECT_EQ(count("file_rotated"), 0U);
}

TEST_F(DeliveryRotationTest, WhereTheNameCannotBeGivenTheFileGrowsOnAndThatIsToldOnce) {
  add_rotated("file", "one", 3);
  ASSERT_EQ(make(), "");
  bench_.disk.fail_rotations = 2;
  deliver(11);
  delivery_->flush();
  ASSERT_TRUE(wait_for("rotation_failed"));
  deliver(12);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("one"), "11\n12\n");
  now_ += 61s;
  delivery_->on_tick();
  EXPECT_TRUE(bench_.run_until([this] { return bench_.disk.fail_rotations == 0; }));
  EXPECT_TRUE(settle());
  EXPECT_EQ(count("rotation_failed"), 1U);
  now_ += 61s;
  delivery_->on_tick();
  EXPECT_TRUE(await_rotation(1));
  EXPECT_EQ(count("sink_failed"), 0U);
}

TEST_F(DeliveryRotationTest, WithoutASavedPositionItWaits) {
  add_rotated("file", "one", 3);
  ASSERT_EQ(make(), "");
  answer_ = false;
  deliver(11);
  delivery_->flush();
  ASSERT_TRUE(wait_for("position_not_saved"));
  answer_ = true;
  deliver(12);
  EXPECT_TRUE(settle());
  EXPECT_TRUE(rotated("one").empty());
  EXPECT_EQ(content("one"), "11\n12\n");
  now_ += 61s;
  delivery_->on_tick();
  EXPECT_TRUE(await_rotation(1));
  EXPECT_THAT(rotated("one"), ElementsAre("11\n12\n"));
}

TEST_F(DeliveryRotationTest, TheChainGoesOnInTheNewFile) {
  add_rotated("audit", "audit", 400);
  ASSERT_EQ(make(), "");
  for (SequenceNumber n = 11; n <= 30; ++n) {
    deliver(n);
    EXPECT_TRUE(settle());
  }
  EXPECT_TRUE(bench_.run_until([this] { return rotated("audit").size() > 5; }));
  std::string all;
  for (const std::string& text : rotated("audit"))
    all += text;
  all += content("audit");
  AuditChain chain;
  for (std::size_t at = 0; at < all.size();) {
    const std::string line = all.substr(at, all.find('\n', at) - at + 1);
    std::string again = line.substr(0, line.rfind(",\"n\":"));
    chain.seal_line(again, 0);
    ASSERT_EQ(line, again);
    at += line.size();
  }
}

TEST_F(DeliveryRotationTest, NothingIsRotatedOnceItCloses) {
  add_rotated("file", "one", 3);
  ASSERT_EQ(make(), "");
  deliver(11);
  delivery_->close();
  EXPECT_TRUE(bench_.run_until([this] { return delivery_->settled(); }));
  EXPECT_TRUE(rotated("one").empty());
}

TEST_F(DeliveryRotationTest, OtherKeysAreTakenAsItRuns) {
  add("file", "one");
  ASSERT_EQ(make(), "");
  deliver(11);
  EXPECT_TRUE(settle());
  config_.sinks[0].rotate.max_bytes = 3;
  delivery_->reconfigure(config_);
  EXPECT_THAT(tidied_, ElementsAre("/nowhere/one "));
  delivery_->on_tick();
  EXPECT_TRUE(await_rotation(1));
}

}  // namespace
}  // namespace gcstreamd
