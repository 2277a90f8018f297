#include "gcstreamd/core/journal_entry.hpp"

#include <gtest/gtest.h>

namespace gcstreamd {
namespace {

using namespace std::string_literals;

TEST(JournalEntryTest, EachFieldIsALine) {
  EXPECT_EQ(JournalEntry().field("PRIORITY", "4").field("STREAM", "main").bytes(),
            "PRIORITY=4\nSTREAM=main\n");
}

TEST(JournalEntryTest, AnEmptyFieldIsLeftOut) {
  EXPECT_EQ(JournalEntry().field("STREAM", "").bytes(), "");
}

TEST(JournalEntryTest, AValueWithLineBreaksCannotMakeFieldsOfItsOwn) {
  EXPECT_EQ(JournalEntry().field("MESSAGE", "a\nPRIORITY=0").bytes(),
            "MESSAGE\n\x0c\0\0\0\0\0\0\0a\nPRIORITY=0\n"s);
}

TEST(JournalEntryTest, ALongValueHasItsWholeLength) {
  const std::string text = "\n" + std::string(299, 'x');
  EXPECT_EQ(JournalEntry().field("MESSAGE", text).bytes(),
            "MESSAGE\n\x2c\x01\0\0\0\0\0\0"s + text + "\n");
}

}  // namespace
}  // namespace gcstreamd
