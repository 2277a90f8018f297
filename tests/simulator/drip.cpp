#include "simulator/drip.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <utility>

namespace gcstream_sim {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr milliseconds kTick{20};

class Drip : public std::enable_shared_from_this<Drip> {
 public:
  Drip(TlsStream& stream, std::string bytes, milliseconds over,
       std::function<void(error_code)> done)
      : stream_(stream),
        timer_(stream.get_executor()),
        bytes_(std::move(bytes)),
        done_(std::move(done)) {
    const auto ticks = static_cast<std::size_t>(std::max<milliseconds::rep>(over / kTick, 1));
    const std::size_t pieces = std::clamp<std::size_t>(ticks, 1, bytes_.size() + 1);
    piece_ = bytes_.size() / pieces + 1;
    pause_ = over / pieces;
  }

  void write() {
    const std::size_t size = std::min(piece_, bytes_.size() - written_);
    asio::async_write(stream_, asio::buffer(bytes_.data() + written_, size),
                      [self = shared_from_this()](error_code ec, std::size_t count) {
                        self->written_ += count;
                        self->on_written(ec);
                      });
  }

 private:
  void on_written(error_code ec) {
    if (ec || written_ == bytes_.size()) {
      return done_(ec);
    }
    timer_.expires_after(pause_);
    timer_.async_wait([self = shared_from_this()](error_code) { self->write(); });
  }

  TlsStream& stream_;
  asio::steady_timer timer_;
  std::string bytes_;
  std::function<void(error_code)> done_;
  std::size_t written_ = 0;
  std::size_t piece_ = 0;
  milliseconds pause_{0};
};

}  // namespace

void drip(TlsStream& stream, std::string bytes, milliseconds over,
          std::function<void(error_code)> done) {
  std::make_shared<Drip>(stream, std::move(bytes), over, std::move(done))->write();
}

}  // namespace gcstream_sim
