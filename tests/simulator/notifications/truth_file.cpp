#include "simulator/notifications/truth_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "simulator/story.hpp"

namespace gcstream_sim {

TruthFile::TruthFile(std::filesystem::path path) : path_(std::move(path)) {
  if (path_.empty()) {
    return;
  }
  file_.open(path_, std::ios::binary | std::ios::trunc);
  if (!file_) {
    throw std::system_error(errno, std::generic_category(), path_.string());
  }
}

void TruthFile::event(std::uint64_t number, const Notification& notification, EventTime at,
                      std::uint64_t sockets, const std::string& frame) {
  if (!file_.is_open()) {
    return;
  }
  const nlohmann::ordered_json head{{"event", number},
                                    {"at", format_time(at)},
                                    {"topic", notification.topic},
                                    {"conversation", notification.conversation},
                                    {"sockets", sockets}};
  std::string line = head.dump();
  line.back() = ',';
  file_ << line << "\"frame\":" << frame << "}\n";
}

void TruthFile::unsent(std::uint64_t number) {
  file_ << fmt::format("{{\"unsent\":{}}}\n", number);
}

void TruthFile::channel(std::uint64_t number, bool live, std::size_t topics, EventTime at) {
  file_ << fmt::format("{{\"channel\":{},\"live\":{},\"topics\":{},\"at\":\"{}\"}}\n", number, live,
                       topics, format_time(at));
}

void TruthFile::flush() {
  if (!file_.is_open()) {
    return;
  }
  file_.flush();
  if (!file_) {
    throw std::system_error(errno, std::generic_category(), path_.string());
  }
}

}  // namespace gcstream_sim
