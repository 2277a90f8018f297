#include "bench/load/load.hpp"

#include <sched.h>

#include <cerrno>
#include <chrono>
#include <future>
#include <stdexcept>
#include <system_error>

#include "bench/load/line_watch.hpp"

namespace gcstreamd::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kAtOnce = 64UL * 1024;

std::uint64_t first_number(const nlohmann::json& subscription) {
  return std::max(kFirstNumber, subscription.value("sequenceNumber", kFirstNumber - 1) + 1);
}

/// This thread looks and looks; one that wakes up on its processor goes first, and the kernel takes
/// that processor for an idle one.
void give_way() {
  const sched_param none{};
  if (::sched_setscheduler(0, SCHED_IDLE, &none) != 0)
    throw std::system_error(errno, std::generic_category(), "SCHED_IDLE");
}

/// Gives each event the time at which its line was there.
class Stopwatch {
 public:
  Stopwatch(std::uint64_t count, const std::string& file) : watch_(file) { due_.reserve(count); }

  /// The moment that the next event was due at, however long the events before held it up.
  void due(Clock::time_point when) { due_.push_back(when); }
  void look() {
    const std::uint64_t lines = watch_.lines();
    if (took_.size() == lines)
      return;
    const auto now = Clock::now();
    while (took_.size() < lines && took_.size() < due_.size())
      took_.push_back(static_cast<std::uint32_t>((now - due_[took_.size()]).count()));
  }
  bool done() const { return took_.size() == due_.size(); }
  std::vector<std::uint32_t> take() { return std::move(took_); }

 private:
  LineWatch watch_;
  std::vector<Clock::time_point> due_;
  std::vector<std::uint32_t> took_;
};

}  // namespace

Load::Load(std::size_t event_bytes, std::size_t record_bytes)
    : record_bytes_(EventBlock(event_bytes, record_bytes).whole_bytes()),
      block_(event_bytes, kAtOnce),
      single_(event_bytes, 0) {}

void Load::open(std::size_t streams) {
  for (const std::size_t goal = streams_.size() + streams; streams_.size() < goal;) {
    const testing::HttpRequest request = peer_.expect_http();
    if (request.method == "POST") {
      request.reply(200, R"({"access_token":"token-1","token_type":"bearer","expires_in":86400})");
      continue;
    }
    testing::WebSocket socket = request.accept_websocket();
    const std::uint64_t next = first_number(socket.read_json());
    streams_.push_back({std::move(socket), next});
  }
}

/// Each stream by a thread of its own: one that is full must not keep the others empty.
void Load::send(std::uint64_t count) {
  std::vector<std::future<void>> all;
  for (Stream& stream : streams_)
    all.push_back(std::async(std::launch::async, [&] { send(stream, count); }));
  for (auto& one : all)
    one.get();
}

void Load::send(Stream& stream, std::uint64_t count) const {
  EventBlock block = block_;
  for (std::uint64_t sent = 0; sent < count; sent += block.capacity()) {
    const std::uint64_t size = std::min<std::uint64_t>(block.capacity(), count - sent);
    stream.socket.send_records(block.frames(stream.next, size), record_bytes_);
    stream.next += size;
  }
}

/// In a thread of its own, since there is no way back from SCHED_IDLE without privileges.
std::vector<std::uint32_t> Load::pace(std::uint64_t count, double rate, const std::string& file) {
  return std::async(std::launch::async,
                    [&] {
                      give_way();
                      return send_paced(count, rate, file);
                    })
      .get();
}

std::vector<std::uint32_t> Load::send_paced(std::uint64_t count, double rate,
                                            const std::string& file) {
  constexpr std::chrono::seconds kPatience{30};
  Stopwatch stopwatch(count, file);
  Stream& stream = streams_.front();
  const std::chrono::duration<double> step{1 / rate};
  const auto begin = Clock::now();
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto due = begin + std::chrono::duration_cast<Clock::duration>(step * i);
    while (Clock::now() < due)
      stopwatch.look();
    const auto frame = single_.frames(stream.next++, 1);
    stopwatch.due(due);
    stream.socket.send_raw_bytes(frame);
  }
  const auto end = Clock::now() + kPatience;
  while (!stopwatch.done() && Clock::now() < end)
    stopwatch.look();
  if (!stopwatch.done())
    throw std::runtime_error("not every event came to " + file);
  return stopwatch.take();
}

void Load::heartbeat() {
  for (Stream& stream : streams_)
    stream.socket.send(R"({"type":"heartbeat"})");
}

}  // namespace gcstreamd::bench
