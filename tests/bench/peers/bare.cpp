// The least that a client can do: OpenSSL reads, frames are taken apart, each event is validated in
// full by simdjson, and its bytes are written, one write for all that OpenSSL had. No promise of
// any kind.
//   bench-bare PORT PATH CA_FILE EVENTS_FILE [novalidate]
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <simdjson.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "bench-bare: %s\n", what);
  std::exit(1);
}

SSL* dial(int port, const char* ca_file) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    give_up("cannot connect");
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_load_verify_locations(context, ca_file, nullptr);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, 64 * 1024);
  SSL* ssl = SSL_new(context);
  std::string name = "localhost";
  SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  SSL_set_fd(ssl, socket);
  if (SSL_connect(ssl) != 1)
    give_up("no TLS");
  return ssl;
}

void upgrade(SSL* ssl, const std::string& path) {
  const std::string request = "GET " + path +
                              " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: "
                              "Upgrade\r\nSec-WebSocket-Key: "
                              "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  SSL_write(ssl, request.data(), static_cast<int>(request.size()));
  std::string answer;
  for (char byte = 0; !answer.ends_with("\r\n\r\n"); answer += byte)
    if (SSL_read(ssl, &byte, 1) != 1)
      give_up("no upgrade");
  // Masked by zeros.
  const std::string words = R"({"type":"interaction","id":"1","bufferSize":500})";
  const std::string frame =
      std::string({'\x81', static_cast<char>(0x80 | words.size()), 0, 0, 0, 0}) + words;
  SSL_write(ssl, frame.data(), static_cast<int>(frame.size()));
}

/// Reads all the records that are there, as gcstreamd does; 0 or less at the end.
int read_all(SSL* ssl, char* place, int room) {
  constexpr int kMost = 160 * 1024;
  constexpr int kRecord = 16 * 1024;
  int size = SSL_read(ssl, place, room);
  for (int more = size;
       more > 0 && SSL_has_pending(ssl) != 0 && size < kMost && room - size > kRecord;) {
    more = SSL_read(ssl, place + size, room - size);
    size += std::max(more, 0);
  }
  return size;
}

class Reader {
 public:
  Reader(int file, bool validate) : file_(file), validate_(validate) {
    if (parser_.allocate(kBuffer, 255) != simdjson::SUCCESS)
      give_up("no memory");
  }

  char* room() { return bytes_.data() + end_; }
  int room_size() const { return static_cast<int>(kBuffer - end_); }

  /// Keeps the lines until `write_lines`, or until they are many.
  void take(std::size_t size) {
    end_ += size;
    while (take_frame()) {
    }
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (lines_.size() >= kBuffer)
      write_lines();
  }

  void write_lines() {
    for (std::string_view rest = lines_; !rest.empty();) {
      const ssize_t written = ::write(file_, rest.data(), rest.size());
      if (written < 0)
        give_up("cannot write");
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    lines_.clear();
  }

 private:
  static constexpr std::size_t kBuffer = 256 * 1024;

  bool take_frame() {
    const auto* head = reinterpret_cast<const unsigned char*>(bytes_.data()) + begin_;
    const std::size_t have = end_ - begin_;
    if (have < 10)
      return false;
    std::size_t length = head[1];
    std::size_t header = 2;
    if (length >= 126) {
      header = length == 126 ? 4 : 10;
      length = 0;
      for (std::size_t i = 2; i < header; ++i)
        length = length << 8U | head[i];
    }
    if (have < header + length)
      return false;
    event({bytes_.data() + begin_ + header, length});
    begin_ += header + length;
    return true;
  }

  void event(std::string_view text) {
    simdjson::dom::element root;
    if (validate_ && parser_.parse(text.data(), text.size(), false).get(root) != simdjson::SUCCESS)
      give_up("an event is not JSON");
    lines_ += text;
    lines_ += '\n';
  }

  int file_;
  bool validate_;
  simdjson::dom::parser parser_;
  std::vector<char> bytes_ = std::vector<char>(kBuffer + simdjson::SIMDJSON_PADDING);
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string lines_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5)
    return 64;
  SSL* ssl = dial(std::atoi(argv[1]), argv[3]);
  upgrade(ssl, argv[2]);
  Reader reader(::open(argv[4], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640), argc == 5);
  int size = 0;
  while ((size = read_all(ssl, reader.room(), reader.room_size())) > 0) {
    reader.take(static_cast<std::size_t>(size));
    if (SSL_has_pending(ssl) == 0)
      reader.write_lines();
  }
  return 0;
}
