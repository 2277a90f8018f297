#include "gcstreamd/app/journal_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gcstreamd {

JournalSocket::JournalSocket(std::string path) : path_(std::move(path)) {
  if (!path_.empty() && path_.size() < sizeof(sockaddr_un::sun_path))
    descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

JournalSocket::~JournalSocket() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

/// By its path each time: whoever restarts the journal need not restart us.
bool JournalSocket::send(const JournalEntry& entry) const {
  if (descriptor_ < 0)
    return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  return ::sendto(
             descriptor_, entry.bytes().data(), entry.bytes().size(), MSG_DONTWAIT | MSG_NOSIGNAL,
             static_cast<const sockaddr*>(static_cast<const void*>(&address)), sizeof address) >= 0;
}

}  // namespace gcstreamd
