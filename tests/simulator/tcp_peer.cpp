#include "simulator/tcp_peer.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <utility>

namespace gcstream_sim {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// A TLS record that promises a ServerHello of 118 bytes and holds three of them.
constexpr std::array<unsigned char, 12> kHalfHello{0x16, 0x03, 0x03, 0x00, 0x7a, 0x02,
                                                   0x00, 0x00, 0x76, 0x03, 0x03, 0x5a};

class TcpPeer final : public Connection, public std::enable_shared_from_this<TcpPeer> {
 public:
  TcpPeer(asio::ip::tcp::socket socket, bool answers, ConnectionHost& host)
      : socket_(std::move(socket)), answers_(answers), host_(host) {}

  void read() {
    socket_.async_read_some(
        asio::buffer(input_),
        [self = shared_from_this()](error_code ec, std::size_t) { self->on_read(ec); });
  }
  void close() override { abort(); }
  void abort() override {
    error_code ignored;
    socket_.close(ignored);
    host_.on_progress();
  }
  bool ended() const override { return !socket_.is_open(); }

 private:
  // Without an answer it goes on until the client gives up.
  void on_read(error_code ec) {
    if (ec) {
      return abort();
    }
    if (!answers_) {
      return read();
    }
    asio::async_write(socket_, asio::buffer(kHalfHello),
                      [self = shared_from_this()](error_code, std::size_t) { self->abort(); });
  }

  asio::ip::tcp::socket socket_;
  bool answers_;
  ConnectionHost& host_;
  std::array<char, 4096> input_{};
};

}  // namespace

bool plays_on_tcp(std::string_view fault) {
  return fault == "silent" || fault == "truncated";
}

void start_tcp_peer(asio::ip::tcp::socket socket, std::string_view fault, ConnectionHost& host) {
  const auto peer = std::make_shared<TcpPeer>(std::move(socket), fault == "truncated", host);
  host.add(std::weak_ptr<Connection>(peer));
  peer->read();
}

}  // namespace gcstream_sim
