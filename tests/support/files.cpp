#include "support/files.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "support/deadline.hpp"

namespace gcstreamd::testing {
namespace {

/// Tells of changes in one directory.
class DirectoryWatch {
 public:
  explicit DirectoryWatch(const std::filesystem::path& directory)
      : descriptor_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    const auto mask = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE;
    if (::inotify_add_watch(descriptor_, directory.c_str(), mask) < 0) {
      ::close(descriptor_);
      throw std::runtime_error("cannot watch " + directory.string());
    }
  }
  ~DirectoryWatch() { ::close(descriptor_); }
  DirectoryWatch(const DirectoryWatch&) = delete;
  DirectoryWatch& operator=(const DirectoryWatch&) = delete;

  void wait(const Deadline& deadline) {
    pollfd waiting{descriptor_, POLLIN, 0};
    if (::poll(&waiting, 1, deadline.left_ms()) > 0) {
      std::array<char, 4096> events{};
      while (::read(descriptor_, events.data(), events.size()) > 0) {
      }
    }
  }

 private:
  int descriptor_;
};

nlohmann::json parse_record(const std::string& line) {
  auto record = nlohmann::json::parse(line, nullptr, false);
  if (!record.is_object()) {
    throw std::runtime_error("an audit line is not a JSON object: " + line);
  }
  return record;
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

Lines read_lines(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  Lines lines;
  std::size_t begin = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string first_difference(const Lines& actual, const Lines& expected) {
  const auto size = std::min(actual.size(), expected.size());
  for (std::size_t i = 0; i < size; ++i) {
    if (actual[i] != expected[i]) {
      return "line " + std::to_string(i + 1) + " is\n" + actual[i] + "\nexpected was\n" +
             expected[i];
    }
  }
  return actual.size() == expected.size() ? ""
                                          : std::to_string(actual.size()) + " lines instead of " +
                                                std::to_string(expected.size());
}

std::string tail(const std::filesystem::path& path, std::size_t limit) {
  std::string text = read_file(path);
  return text.size() <= limit ? text : "[…]" + text.substr(text.size() - limit);
}

Lines wait_for_lines(const std::filesystem::path& path, std::string_view awaited,
                     const std::function<bool(const Lines&)>& enough) {
  DirectoryWatch watch(path.parent_path());
  const Deadline deadline;
  while (true) {
    Lines lines = read_lines(path);
    if (enough(lines)) {
      return lines;
    }
    if (deadline.passed()) {
      throw std::runtime_error("waited in vain for " + std::string(awaited) + " in " +
                               path.string() + ", which ends with:\n" + tail(path, 2000));
    }
    watch.wait(deadline);
  }
}

void wait_for_size(const std::filesystem::path& path, std::uintmax_t bytes) {
  DirectoryWatch watch(path.parent_path());
  const Deadline deadline;
  std::error_code absent;
  while (std::filesystem::file_size(path, absent) < bytes || absent) {
    if (deadline.passed()) {
      throw std::runtime_error("waited in vain for " + std::to_string(bytes) + " bytes in " +
                               path.string());
    }
    watch.wait(deadline);
  }
}

std::string wait_for_line(const std::filesystem::path& path, std::string_view awaited,
                          const std::function<bool(const std::string&)>& wanted) {
  const Lines lines = wait_for_lines(
      path, awaited, [&](const Lines& all) { return std::ranges::any_of(all, wanted); });
  return *std::ranges::find_if(lines, wanted);
}

Lines wait_for_line_count(const std::filesystem::path& path, std::size_t count) {
  return wait_for_lines(path, std::to_string(count) + " lines",
                        [count](const Lines& lines) { return lines.size() >= count; });
}

std::vector<nlohmann::json> read_audit(const std::filesystem::path& path) {
  std::vector<nlohmann::json> records;
  std::ranges::transform(read_lines(path), std::back_inserter(records), parse_record);
  return records;
}

std::vector<nlohmann::json> records_of(const std::filesystem::path& path, std::string_view type) {
  auto records = read_audit(path);
  std::erase_if(records, [type](const auto& record) { return record.value("type", "") != type; });
  return records;
}

std::vector<nlohmann::json> await_records(const std::filesystem::path& path, std::string_view type,
                                          std::size_t count) {
  const std::string needle = "\"type\":\"" + std::string(type) + '"';
  const auto matches = [&needle](const std::string& line) {
    return line.find(needle) != std::string::npos;
  };
  const auto awaited = std::to_string(count) + " audit record(s) " + std::string(type);
  wait_for_lines(path, awaited, [&](const Lines& lines) {
    return std::ranges::count_if(lines, matches) >= static_cast<std::ptrdiff_t>(count);
  });
  return records_of(path, type);
}

}  // namespace gcstreamd::testing
