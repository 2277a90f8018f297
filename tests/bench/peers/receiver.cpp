// A libwebsockets client that only receives and writes: no JSON, no numbers, no promise.
//   bench-libwebsockets HOST PORT PATH CA_FILE EVENTS_FILE
#include <fcntl.h>
#include <libwebsockets.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

struct Receiver {
  int file = -1;
  std::string lines;
  bool ended = false;

  void flush() {
    std::string_view rest = lines;
    while (!rest.empty()) {
      const ssize_t written = ::write(file, rest.data(), rest.size());
      if (written < 0)
        std::exit(1);
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    lines.clear();
  }
};

void subscribe(lws* socket) {
  const std::string_view words = R"({"type":"interaction","id":"1","bufferSize":500})";
  std::string bytes(LWS_PRE, '\0');
  bytes += words;
  lws_write(socket, reinterpret_cast<unsigned char*>(bytes.data()) + LWS_PRE, words.size(),
            LWS_WRITE_TEXT);
}

int on_event(lws* socket, lws_callback_reasons reason, void*, void* in, std::size_t size) {
  auto* receiver = static_cast<Receiver*>(lws_context_user(lws_get_context(socket)));
  switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
      lws_callback_on_writable(socket);
      break;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
      subscribe(socket);
      break;
    case LWS_CALLBACK_CLIENT_RECEIVE:
      receiver->lines.append(static_cast<const char*>(in), size);
      if (lws_is_final_fragment(socket) != 0)
        receiver->lines += '\n';
      break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    case LWS_CALLBACK_CLIENT_CLOSED:
      receiver->ended = true;
      break;
    default:
      break;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6)
    return 64;
  Receiver receiver;
  receiver.file = ::open(argv[5], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  lws_set_log_level(LLL_ERR, nullptr);
  constexpr std::size_t kBuffer = 65536;
  const lws_protocols protocols[] = {{"events", on_event, 0, kBuffer, 0, nullptr, 0},
                                     {nullptr, nullptr, 0, 0, 0, nullptr, 0}};
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.protocols = protocols;
  info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
  info.client_ssl_ca_filepath = argv[4];
  info.pt_serv_buf_size = kBuffer;
  info.user = &receiver;
  lws_context* context = lws_create_context(&info);
  lws_client_connect_info link{};
  link.context = context;
  link.address = link.host = link.origin = argv[1];
  link.port = std::atoi(argv[2]);
  link.path = argv[3];
  link.ssl_connection = LCCSCF_USE_SSL;
  lws_client_connect_via_info(&link);
  while (!receiver.ended && lws_service(context, 0) >= 0)
    receiver.flush();
  lws_context_destroy(context);
  return 0;
}
