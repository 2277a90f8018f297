// Preloaded into a client: counts its allocations in the file $GCSTREAMD_ALLOC_FILE, which holds
// one 64-bit number.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* place, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

std::atomic<std::uint64_t> early{0};
std::atomic<std::uint64_t>* counter = &early;

__attribute__((constructor)) void map_counter() {
  const char* path = std::getenv("GCSTREAMD_ALLOC_FILE");
  const int fd = path ? ::open(path, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0)
    return;
  void* place = ::mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (place != MAP_FAILED)
    counter = static_cast<std::atomic<std::uint64_t>*>(place);
}

void count() {
  counter->fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

extern "C" void* malloc(std::size_t size) {
  count();
  return __libc_malloc(size);
}

extern "C" void* calloc(std::size_t number, std::size_t size) {
  count();
  return __libc_calloc(number, size);
}

extern "C" void* realloc(void* place, std::size_t size) {
  count();
  return __libc_realloc(place, size);
}

extern "C" void* memalign(std::size_t alignment, std::size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return memalign(alignment, size);
}

extern "C" int posix_memalign(void** place, std::size_t alignment, std::size_t size) {
  *place = memalign(alignment, size);
  return *place ? 0 : ENOMEM;
}
