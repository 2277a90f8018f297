#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// Reads what a proxy answers to CONNECT, as it comes: any 2xx opens the tunnel at the end of its
/// header. What is behind that header is nobody's: the client speaks first through a tunnel.
class ProxyAnswer {
 public:
  /// Of all that is read, interim answers too.
  static constexpr std::size_t kMostBytes = 16 * 1024;

  /// `target`: where the tunnel is to lead, for the words of a fault.
  ProxyAnswer(std::string target, bool with_credentials)
      : target_(std::move(target)), with_credentials_(with_credentials) {}

  enum class State {
    unfinished,  ///< read on
    open,        ///< the tunnel is there
    refused,     ///< `fault` says why
  };
  /// `now`: what a `Retry-After` with a date counts from where the answer has no `Date`.
  State add(std::string_view bytes, WallTime now);
  /// Meaningful once refused. Of the proxy's words it holds numbers and names of schemes alone.
  const Fault& fault() const { return fault_; }

 private:
  State judge(std::string_view head, WallTime now);
  State refuse(std::string words);
  State refuse_status(int status, std::string_view head, WallTime now);

  std::string target_;
  bool with_credentials_;
  std::string text_;
  std::size_t read_ = 0;
  Fault fault_;
};

}  // namespace gcstreamd
