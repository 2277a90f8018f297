#include "gcstreamd/app/process_status.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "gcstreamd/app/system_inputs.hpp"

namespace gcstreamd {
namespace {

double seconds(const timeval& time) {
  constexpr double kMicros = 1e6;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / kMicros;
}

std::uint64_t count_open_files() {
  std::uint64_t count = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end;
       !error && entry != end; entry.increment(error))
    ++count;
  return count > 0 ? count - 1 : 0;  // the one that this looked through
}

void read_memory(ProcessStatus& status) {
  std::uint64_t pages = 0;
  std::uint64_t resident = 0;
  std::istringstream(read_file("/proc/self/statm").value_or("")) >> pages >> resident;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  status.virtual_bytes = pages * page;
  status.resident_bytes = resident * page;
}

}  // namespace

ProcessStatus process_status() {
  ProcessStatus status;
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0)
    status.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0)
    status.max_files = files.rlim_cur;
  status.open_files = count_open_files();
  read_memory(status);
  return status;
}

}  // namespace gcstreamd
