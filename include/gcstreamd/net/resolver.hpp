#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gcstreamd {

/// getaddrinfo on a thread of its own, so that cancelling takes effect at once: the C library's
/// call cannot be interrupted, and Asio's own resolver would hold up the process's exit with it.
/// An abandoned lookup ends by itself and its answer is dropped.
class Resolver {
 public:
  explicit Resolver(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  ~Resolver() { cancel(); }
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
  using Done = std::function<void(boost::system::error_code, Endpoints)>;
  /// Calls `done` once on the executor, with operation_aborted after a cancel.
  void resolve(const std::string& host, const std::string& port, Done done);
  void cancel();

 private:
  struct Lookup;

  boost::asio::any_io_executor executor_;
  std::shared_ptr<Lookup> lookup_;
};

}  // namespace gcstreamd
