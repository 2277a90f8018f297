#pragma once

#include <string>

#include "gcstreamd/core/journal_entry.hpp"

namespace gcstreamd {

/// Where systemd's journal takes entries with fields of their own.
inline constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

/// A datagram socket to the journal, or to whoever else is at that path. Never waits.
class JournalSocket {
 public:
  explicit JournalSocket(std::string path);
  ~JournalSocket();
  JournalSocket(const JournalSocket&) = delete;
  JournalSocket& operator=(const JournalSocket&) = delete;

  /// False where it was not taken: nobody is there, its reader is slow, or it is too long.
  bool send(const JournalEntry& entry) const;

 private:
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace gcstreamd
