#include "simulator/notifications/directory.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

namespace gcstream_sim {
namespace {

TEST(Directory, pages_hold_each_entry_once) {
  Random random(1);
  Cast cast(random);
  const Directory directory(cast, 1, 250, 24);
  std::set<std::string> ids;
  for (std::size_t page = 1; page <= 3; ++page) {
    const auto listed = directory.page(DirectoryKind::queues, 100, page);
    EXPECT_EQ(listed.at("pageCount"), 3);
    EXPECT_EQ(listed.at("total"), 250);
    EXPECT_EQ(listed.at("entities").size(), page == 3 ? 50U : 100U);
    for (const auto& entity : listed.at("entities")) {
      ids.insert(entity.at("id").get<std::string>());
    }
  }
  EXPECT_EQ(ids.size(), 250U);
  EXPECT_TRUE(directory.page(DirectoryKind::queues, 100, 4).at("entities").empty());
}

TEST(Directory, more_entries_change_nothing_of_the_first) {
  Random random(1);
  Cast cast(random);
  const std::string first = cast.queues.front().id;
  const std::size_t after = random.below(1000);
  Random again(1);
  Cast larger(again);
  const Directory directory(larger, 1, 50, 50);
  EXPECT_EQ(larger.queues.front().id, first);
  EXPECT_EQ(again.below(1000), after);
}

TEST(Directory, entries_come_and_go_by_name) {
  Random random(1);
  Cast cast(random);
  Directory directory(cast, 1, 8, 24);
  directory.add(DirectoryKind::users, "Ada");
  const std::string id = cast.agents.back().id;
  EXPECT_TRUE(directory.has(DirectoryKind::users, id));
  EXPECT_TRUE(directory.remove(DirectoryKind::users, "Ada"));
  EXPECT_FALSE(directory.has(DirectoryKind::users, id));
  EXPECT_FALSE(directory.remove(DirectoryKind::users, "Ada"));
  EXPECT_EQ(directory.page(DirectoryKind::users, 100, 1).at("total"), 24);
}

}  // namespace
}  // namespace gcstream_sim
