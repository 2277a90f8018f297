#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/event_block.hpp"
#include "gcstreamd/core/analytics_stream.hpp"
#include "gcstreamd/core/frame_sorter.hpp"
#include "gcstreamd/core/intake.hpp"
#include "gcstreamd/sinks/delivery.hpp"

namespace gcstreamd::bench {

/// A disk that takes everything and keeps nothing.
class NullDisk : public Disk {
 public:
  boost::system::result<std::shared_ptr<AppendFile>> open(const std::string& path,
                                                          unsigned mode) override;
  boost::system::result<std::string> load(const std::string& path) override;
  boost::system::result<FileId> find(const std::string& path) override;
  std::string find_by_id(const std::string& path, const FileId& id) override;
  boost::system::result<std::string> rotate(const std::string& path, WallTime wall) override;
  std::chrono::nanoseconds age(const std::string& path) override;
  boost::system::error_code replace(const std::string& from, const std::string& to) override;
  boost::system::error_code sync_directory(const std::string& path) override;
};

/// Sinks of these types on a null disk, and what they need.
class SinkBed : private DeliveryObserver {
 public:
  explicit SinkBed(const std::vector<std::string>& types);
  ~SinkBed() override;

  Delivery& delivery() { return *delivery_; }

 private:
  void on_sinks_down() override {}
  void on_sinks_up() override {}
  void on_record(const AuditRecord&) override {}
  void on_settled() override {}
  void on_save_wanted() override {}
  Now now() override { return {}; }

  NullDisk disk_;
  boost::asio::io_context loop_{1};
  boost::asio::thread_pool workers_{1};
  SyncPool pool_{loop_.get_executor(), workers_.get_executor()};
  SinkContext context_{loop_.get_executor(), pool_, disk_};
  std::unique_ptr<Delivery> delivery_;
};

/// An event's way from the bytes behind TLS to the sinks' writes, without sockets, clock or disk:
/// sort frames, decode, verify, deliver to one `file` and one `audit` sink, flush. One thread, and
/// the same instructions each time.
class Pipeline {
 public:
  explicit Pipeline(std::size_t event_bytes);

  /// The next `count` events. Throws std::logic_error where one is not delivered.
  void run(std::uint64_t count);

 private:
  void read(std::string_view bytes);

  SinkBed bed_{{"file", "audit"}};
  Metrics metrics_{SteadyTime{}};
  AnalyticsStream protocol_{{"interaction:conversation"}, 500};
  Intake intake_;
  FrameSorter sorter_{1 << 20};
  EventBlock block_;
  std::uint64_t next_ = kFirstNumber;
};

}  // namespace gcstreamd::bench
