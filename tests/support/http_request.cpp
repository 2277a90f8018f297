#include <algorithm>
#include <cctype>
#include <charconv>

#include "support/frames.hpp"
#include "support/peer.hpp"
#include "support/tls_connection.hpp"

namespace gcstreamd::testing {
namespace {

Headers decode_fields(std::string_view text) {
  Headers fields;
  while (!text.empty()) {
    const std::string_view field = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), field.size() + 1));
    const auto equals = std::min(field.find('='), field.size());
    const auto value = field.substr(std::min(field.size(), equals + 1));
    fields[percent_decode(field.substr(0, equals))] = percent_decode(value);
  }
  return fields;
}

}  // namespace

std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = static_cast<unsigned char>(text[i] == '+' ? ' ' : text[i]);
    if (text[i] == '%' && i + 2 < text.size()) {
      std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
      i += 2;
    }
    decoded += static_cast<char>(byte);
  }
  return decoded;
}

std::string HttpRequest::path() const {
  return target.substr(0, target.find('?'));
}

Headers HttpRequest::query() const {
  const auto mark = target.find('?');
  return mark == std::string::npos ? Headers{} : decode_fields(target.substr(mark + 1));
}

Headers HttpRequest::form() const {
  return decode_fields(body);
}

std::string HttpRequest::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

void HttpRequest::reply(int status, std::string_view text, const Headers& extra) const {
  std::string answer = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\n";
  for (const auto& [name, value] : extra) {
    answer += name + ": " + value + "\r\n";
  }
  answer += "Content-Type: application/json\r\nConnection: close\r\nContent-Length: " +
            std::to_string(text.size()) + "\r\n\r\n";
  connection_->write(answer += text);
  connection_->close();
}

void HttpRequest::send_raw_bytes(std::string_view bytes) const {
  connection_->write(bytes);
}

void HttpRequest::drip(std::string_view bytes) const {
  connection_->drip(bytes);
}

void HttpRequest::hang_up() const {
  connection_->close();
}

void HttpRequest::drop() const {
  connection_->drop();
}

WebSocket HttpRequest::accept_websocket() const {
  connection_->write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept_key(header("sec-websocket-key")) + "\r\n\r\n");
  return {*this, connection_};
}

}  // namespace gcstreamd::testing
