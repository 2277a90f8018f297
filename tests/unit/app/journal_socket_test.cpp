#include "gcstreamd/app/journal_socket.hpp"

#include <gtest/gtest.h>

#include "helpers/datagrams.hpp"
#include "helpers/temp_dir.hpp"

namespace gcstreamd {
namespace {

JournalEntry entry(std::string_view message) {
  return JournalEntry().field("MESSAGE", message);
}

TEST(JournalSocketTest, AnEntryArrivesAsItIs) {
  const TempDir dir;
  Datagrams journal(dir.file("journal"));
  EXPECT_TRUE(JournalSocket(dir.file("journal")).send(entry("well")));
  EXPECT_EQ(journal.next(), "MESSAGE=well\n");
}

TEST(JournalSocketTest, AJournalThatCameLaterIsFound) {
  const TempDir dir;
  const JournalSocket socket(dir.file("journal"));
  EXPECT_FALSE(socket.send(entry("lost")));
  Datagrams journal(dir.file("journal"));
  EXPECT_TRUE(socket.send(entry("found")));
  EXPECT_EQ(journal.next(), "MESSAGE=found\n");
}

TEST(JournalSocketTest, AJournalThatDoesNotReadIsNotWaitedFor) {
  const TempDir dir;
  Datagrams journal(dir.file("journal"));
  const JournalSocket socket(dir.file("journal"));
  constexpr int kFarMoreThanFit = 100000;
  int sent = 0;
  while (sent < kFarMoreThanFit && socket.send(entry("more")))
    ++sent;
  EXPECT_LT(sent, kFarMoreThanFit);
  EXPECT_TRUE(journal.next());
  EXPECT_TRUE(socket.send(entry("again")));
}

TEST(JournalSocketTest, NoPathAndOneTooLongAreNobody) {
  EXPECT_FALSE(JournalSocket("").send(entry("x")));
  EXPECT_FALSE(JournalSocket(std::string(500, 'x')).send(entry("x")));
}

}  // namespace
}  // namespace gcstreamd
