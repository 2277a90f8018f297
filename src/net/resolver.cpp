#include "gcstreamd/net/resolver.hpp"

#include <netdb.h>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace gcstreamd {

namespace asio = boost::asio;

/// Shared by the loop and the thread; `done` is taken by whichever is first, under the mutex.
struct Resolver::Lookup {
  std::mutex mutex;
  std::optional<asio::any_io_executor> executor;
  Done done;

  void answer(boost::system::error_code error, Endpoints endpoints) {
    const std::lock_guard lock(mutex);
    if (!done)
      return;
    auto call = [done = std::move(done), error, endpoints = std::move(endpoints)]() mutable {
      done(error, std::move(endpoints));
    };
    done = nullptr;
    asio::post(*executor, std::move(call));
    executor.reset();
  }
};

namespace {

boost::system::error_code translate(int result) {
  if (result == EAI_SYSTEM)
    return {errno, boost::system::system_category()};
  if (result == EAI_AGAIN)
    return asio::error::host_not_found_try_again;
  if (result == EAI_MEMORY)
    return {ENOMEM, boost::system::system_category()};
  return result == EAI_FAIL ? asio::error::no_recovery : asio::error::host_not_found;
}

boost::system::error_code look_up(const std::string& host, const std::string& port,
                                  Resolver::Endpoints& endpoints) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int result = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); result != 0)
    return translate(result);
  for (const addrinfo* one = found; one; one = one->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (one->ai_addrlen > endpoint.capacity())
      continue;
    std::memcpy(endpoint.data(), one->ai_addr, one->ai_addrlen);
    endpoint.resize(one->ai_addrlen);
    endpoints.push_back(endpoint);
  }
  freeaddrinfo(found);
  return {};
}

}  // namespace

void Resolver::resolve(const std::string& host, const std::string& port, Done done) {
  cancel();
  lookup_ = std::make_shared<Lookup>();
  lookup_->executor = executor_;
  lookup_->done = std::move(done);
  auto work = [lookup = lookup_, host, port] {
    Endpoints endpoints;
    const auto error = look_up(host, port, endpoints);
    lookup->answer(error, std::move(endpoints));
  };
  try {
    std::thread(std::move(work)).detach();
  } catch (const std::system_error& error) {  // no thread left: the machine's limits, for a while
    lookup_->answer({error.code().value(), boost::system::system_category()}, {});
  }
}

void Resolver::cancel() {
  if (lookup_)
    lookup_->answer(asio::error::operation_aborted, {});
  lookup_.reset();
}

}  // namespace gcstreamd
