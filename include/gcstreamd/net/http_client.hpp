#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/http_message.hpp"
#include "gcstreamd/net/connection_options.hpp"

namespace gcstreamd {

/// One HTTP/1.1 exchange at a time, on a connection of its own. Redirects are not followed: what is
/// sent holds credentials. Used on the executor's thread.
class HttpClient {
 public:
  /// An answer with more than `max_body` bytes is a fault.
  explicit HttpClient(boost::asio::any_io_executor executor, std::size_t max_body = kMaxBody);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  using Done = std::function<void(Outcome<HttpResponse>)>;
  /// Calls `done` once, never from inside this call, unless cancelled. Faults before the answer
  /// carry the stage where they happened.
  void exchange(HttpRequest request, ConnectionOptions options, Done done);
  /// Ends the exchange under way; its `done` is not called any more.
  void cancel();

  static constexpr std::size_t kMaxBody = 1 << 20;

 private:
  struct Exchange;

  boost::asio::any_io_executor executor_;
  std::size_t max_body_;
  std::shared_ptr<Exchange> current_;
};

}  // namespace gcstreamd
