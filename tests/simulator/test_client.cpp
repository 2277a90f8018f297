#include "simulator/test_client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace gcstream_sim {
namespace {

constexpr int kDeadlineS = 5;

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval deadline{kDeadlineS, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket);
    throw std::runtime_error("cannot connect to the simulator");
  }
  return socket;
}

void trust(SSL_CTX* context, const std::string& ca_pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size())), BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> root(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root.get());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

std::string why_no_handshake(const SSL* tls) {
  const long verdict = SSL_get_verify_result(tls);
  if (verdict != X509_V_OK) {
    return X509_verify_cert_error_string(verdict);
  }
  const unsigned long error = ERR_get_error();
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return reason == nullptr ? "the connection ended" : reason;
}

}  // namespace

TestClient::TestClient(std::uint16_t port, const std::string& ca_pem)
    : socket_(new int(connect_to(port)),
              [](const int* socket) {
                ::close(*socket);
                delete socket;
              }),
      context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  trust(context_.get(), ca_pem);
  tls_.reset(SSL_new(context_.get()), SSL_free);
  SSL_set1_host(tls_.get(), "localhost");
  SSL_set_fd(tls_.get(), *socket_);
  ERR_clear_error();
  errno = 0;
  if (SSL_connect(tls_.get()) != 1) {
    handshake_error_ = errno == EAGAIN ? "timeout" : why_no_handshake(tls_.get());
  }
}

void TestClient::write(std::string_view bytes) {
  ERR_clear_error();
  SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
}

bool TestClient::read_more() {
  std::array<char, 16384> chunk{};
  ERR_clear_error();
  errno = 0;
  const int size = SSL_read(tls_.get(), chunk.data(), static_cast<int>(chunk.size()));
  if (size > 0) {
    input_.append(chunk.data(), static_cast<std::size_t>(size));
    return true;
  }
  const int why = SSL_get_error(tls_.get(), size);
  if (why == SSL_ERROR_ZERO_RETURN) {
    ending_ = Ending::close_notify;
  } else if (why == SSL_ERROR_WANT_READ) {
    ending_ = Ending::timeout;
  } else {
    ending_ = errno == ECONNRESET ? Ending::reset : Ending::eof;
  }
  return false;
}

Answer TestClient::ask(std::string_view request) {
  write(request);
  Answer answer;
  std::size_t end = 0;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) {
      return answer;
    }
  }
  answer.head = input_.substr(0, end + 2);
  input_.erase(0, end + 4);
  answer.status = static_cast<unsigned>(std::stoul(answer.head.substr(9, 3)));
  const std::size_t length = answer.head.find("Content-Length: ");
  if (length == std::string::npos) {
    return answer;
  }
  const std::size_t size = std::stoul(answer.head.substr(length + 16));
  while (input_.size() < size && read_more()) {
  }
  answer.body = input_.substr(0, size);
  input_.erase(0, size);
  return answer;
}

Answer TestClient::ask_token() {
  constexpr std::string_view kBody =
      "grant_type=client_credentials&client_id=me&client_secret=s3cret";
  return ask(
      fmt::format("POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n"
                  "\r\n{}",
                  kBody.size(), kBody));
}

Answer TestClient::ask_upgrade(const std::string& token) {
  return ask(fmt::format(
      "GET /api/v2/analytics/events/stream?access_token={} HTTP/1.1\r\n"
      "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      token));
}

void TestClient::subscribe(std::optional<std::uint64_t> after) {
  nlohmann::json message{
      {"type", "interaction"},
      {"id", "5f0c0d3e-55bb-4c8b-9d1e-0d9f0f1c2b3a"},
      {"filter",
       {{"eventTypes",
         {"routing:queue:member", "interaction:conversation", "interaction:media",
          "interaction:participant", "interaction:annotation"}}}},
      {"bufferSize", 100}};
  if (after) {
    message["sequenceNumber"] = *after;
  }
  send_frame(Opcode::text, message.dump());
}

void TestClient::send_frame(Opcode opcode, std::string_view payload) {
  write(masked_frame(opcode, payload));
}

void TestClient::leave() {
  SSL_shutdown(tls_.get());
}

std::optional<ServerFrame> TestClient::frame() {
  const auto byte = [this](std::size_t at) { return static_cast<unsigned char>(input_[at]); };
  const auto have = [this](std::size_t size) {
    while (input_.size() < size && read_more()) {
    }
    return input_.size() >= size;
  };
  if (!have(2)) {
    return std::nullopt;
  }
  ServerFrame frame;
  frame.head = {static_cast<Opcode>(byte(0) & 0x0f), (byte(0) & 0x80) != 0,
                static_cast<std::uint8_t>(byte(0) >> 4 & 7)};
  frame.masked = (byte(1) & 0x80) != 0;
  std::size_t size = byte(1) & 0x7f;
  const std::size_t extended = size == 126 ? 2 : size == 127 ? 8 : 0;
  const std::size_t start = 2 + extended + (frame.masked ? 4 : 0);
  if (!have(start)) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < extended; ++i) {
    size = (i == 0 ? 0 : size << 8) | byte(2 + i);
  }
  if (!have(start + size)) {
    return std::nullopt;
  }
  frame.payload = input_.substr(start, size);
  input_.erase(0, start + size);
  return frame;
}

std::optional<std::uint64_t> TestClient::number() {
  const auto next = frame();
  const auto event = nlohmann::json::parse(next ? next->payload : "", nullptr, false);
  if (!event.is_object() || !event.contains("sequenceNumber")) {
    return std::nullopt;
  }
  return event.at("sequenceNumber").get<std::uint64_t>();
}

}  // namespace gcstream_sim
