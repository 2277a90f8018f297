#pragma once

#include <spdlog/logger.h>

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gcstreamd/app/materials.hpp"
#include "gcstreamd/app/stream_set.hpp"
#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// SIGHUP: reads the configuration again and applies what changed, or keeps all of the old one.
/// Requests that come while a reload runs are one more. Used on the loop's thread.
class Reloader {
 public:
  /// Reads, parses and validates the configuration as it is now.
  using Load = std::function<ConfigResult()>;
  /// Called on the way, and must not call back.
  struct Events {
    std::function<void()> on_begin;               ///< a reload was asked for
    std::function<void(const Config&)> on_apply;  ///< takes over what concerns the whole daemon
    std::function<void()> on_end;                 ///< it is done, or was refused
  };

  Reloader(const StreamContext& context, StreamSet& streams, Config running, Load load,
           Events events);

  void request();
  /// The streams that a reload retired are gone.
  void on_retired();
  /// For good: the daemon stops.
  void cancel();

  const Config& running() const { return running_; }
  /// Streams of it that could not be opened, and why.
  struct Failure {
    std::string fault;
    WallTime at;
  };
  const std::map<std::string, Failure>& failed() const { return failed_; }

 private:
  void arm();
  void reload();
  std::vector<std::string> sink_faults(const Config& next) const;
  void reject(const std::vector<std::string>& errors);
  void begin(Config next);
  void take_over_materials();
  void finish();
  void open(const StreamConfig& config);
  void record_in_all(const AuditRecord& record);

  const StreamContext& context_;
  StreamSet& streams_;
  Config running_;
  std::map<std::string, Failure> failed_;  ///< by stream
  Load load_;
  Events events_;
  std::map<std::string, Materials> materials_;  ///< by stream
  boost::asio::steady_timer timer_;
  std::vector<std::string> changes_;  ///< of the reload under way
  bool armed_ = false;
  bool applying_ = false;
  bool again_ = false;
  bool cancelled_ = false;
};

}  // namespace gcstreamd
