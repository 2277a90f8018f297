// The truth of the Notifications protocol, a line for each thing that a test has to know. Its I/O
// is that file; for one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "simulator/notifications/telling.hpp"

namespace gcstream_sim {

class TruthFile {
 public:
  // Replaces the file; empty: none is written. Throws std::system_error, as flush() does.
  explicit TruthFile(std::filesystem::path path);

  // An event happened, and so many subscribed sockets are being sent it.
  void event(std::uint64_t number, const Notification& notification, EventTime at,
             std::uint64_t sockets, const std::string& frame);
  // One of these sockets ended before it was written.
  void unsent(std::uint64_t number);
  // From now on events come over the channel's socket, or no more.
  void channel(std::uint64_t number, bool live, std::size_t topics, EventTime at);
  // Makes it visible to readers of the file; call it before a socket is sent anything.
  void flush();

 private:
  std::filesystem::path path_;
  std::ofstream file_;
};

}  // namespace gcstream_sim
