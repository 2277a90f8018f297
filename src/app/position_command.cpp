#include "gcstreamd/app/position_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "gcstreamd/app/file_owner.hpp"
#include "gcstreamd/app/instance_lock.hpp"
#include "gcstreamd/app/starting_point.hpp"
#include "gcstreamd/core/text.hpp"
#include "gcstreamd/core/time_format.hpp"
#include "gcstreamd/core/url.hpp"
#include "gcstreamd/net/clocks.hpp"
#include "gcstreamd/sinks/delivery.hpp"

namespace gcstreamd {
namespace {

using Loaded = PositionKeeper::Loaded;
using Wish = SavedPosition::Wish;

constexpr int kUsage = 64;
constexpr int kDamaged = 65;
constexpr int kCannotOpen = 74;
constexpr int kInstanceRuns = 75;

int fail(int code, const std::string& words) {
  std::cerr << "gcstreamd: " << words << '\n';
  return code;
}

/// A stream's audit sinks, opened for one record.
class AuditWriter : private DeliveryObserver {
 public:
  AuditWriter(StreamConfig config, std::chrono::seconds limit)
      : config_(only_audit(std::move(config))), limit_(limit), delivery_(sinks_, config_, *this) {}

  /// Returns what went wrong, or "". The sinks go on from where the position has them.
  std::string write(const AuditRecord& record, const SavedPosition& position) {
    if (config_.sinks.empty())
      return {};
    std::string fault = delivery_.open(
        {position.place, position.sinks, position.wish == Wish::number, /*trust_tails=*/false});
    if (!fault.empty())
      return fault;
    delivery_.record(record, now());
    delivery_.close();
    const auto end = std::chrono::steady_clock::now() + limit_;
    while (!delivery_.settled() && std::chrono::steady_clock::now() < end)
      loop_.run_one_until(end);
    return delivery_.settled() && !failed_ ? "" : "an audit sink could not be written";
  }

 private:
  static StreamConfig only_audit(StreamConfig config) {
    std::erase_if(config.sinks, [](const SinkConfig& sink) { return sink.type != "audit"; });
    return config;
  }
  void on_sinks_down() override { failed_ = true; }
  void on_sinks_up() override { failed_ = false; }
  void on_record(const AuditRecord&) override {}
  void on_settled() override {}
  /// The position is saved behind the record, by the caller.
  void on_save_wanted() override { delivery_.saved(true); }
  Now now() override { return read_clocks(); }

  StreamConfig config_;
  std::chrono::seconds limit_;
  bool failed_ = false;
  boost::asio::io_context loop_{1};
  PosixDisk disk_;
  boost::asio::thread_pool worker_{1};
  SyncPool pool_{loop_.get_executor(), worker_.get_executor()};
  SinkContext sinks_{loop_.get_executor(), pool_, disk_};
  Delivery delivery_;
};

const StreamConfig* find(const Config& config, const std::string& name) {
  for (const StreamConfig& stream : config.streams)
    if (stream.name == name)
      return &stream;
  return nullptr;
}

std::string names_of(const Config& config) {
  std::vector<std::string> names;
  for (const StreamConfig& stream : config.streams)
    names.push_back(stream.name);
  return join(names, ", ");
}

nlohmann::json number_or_null(bool known, SequenceNumber number) {
  return known ? nlohmann::json(number) : nlohmann::json();
}

bool has_number(const SavedPosition& saved) {
  return saved.wish == Wish::number ||
         (saved.wish == Wish::none && saved.place.number != kNoNumber);
}

int show(const std::string& name, Loaded loaded, const SavedPosition& saved) {
  if (loaded == Loaded::damaged)
    return fail(
        kDamaged,
        "the saved position is damaged, and the one before it: the stream would go on from what "
        "the files of its sinks hold");
  if (loaded == Loaded::previous)
    std::cerr << "gcstreamd: the saved position is damaged or gone: this is the one before it\n";
  if (loaded == Loaded::foreign)
    std::cerr << "gcstreamd: this position is of another org or endpoint: the stream would start "
                 "as without one\n";
  nlohmann::ordered_json line{
      {"stream", name},
      {"sequenceNumber", number_or_null(has_number(saved), saved.place.number)},
      {"epoch", saved.place.epoch}};
  if (loaded != Loaded::absent) {
    line["clientId"] = saved.org;
    line["endpoint"] = without_query(saved.endpoint);
  }
  if (saved.timestamp)
    line["timestamp"] = format_time(*saved.timestamp);
  std::cout << line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n'
            << std::flush;
  return std::cout ? 0 : fail(kCannotOpen, "standard output cannot be written");
}

SavedPosition moved(const StreamConfig& stream, const SavedPosition& saved,
                    const PositionRequest& request) {
  const bool to_tip = request.what == PositionRequest::What::tip;
  SavedPosition position;
  position.org = stream.oauth.client_id;
  position.endpoint = endpoint_of(stream);
  position.place = {saved.place.epoch + 1, to_tip ? kNoNumber : request.number};
  position.filter = filter_of(stream);
  position.wish = to_tip ? Wish::tip : Wish::number;
  position.sinks = saved.sinks;
  return position;
}

AuditRecord record_of_move(const SavedPosition& from, const SavedPosition& to,
                           std::string_view cause) {
  AuditRecord record("position_moved");
  const auto number = [&](std::string_view key, const SavedPosition& position) {
    if (has_number(position))
      record.number(key, position.place.number);
    else
      record.null(key);
  };
  number("sequenceNumber", to);
  number("from", from);
  return record.text("cause", cause);
}

/// The audit log must not tell of a move that did not happen: what may fail (a full disk, a missing
/// permission) is done before the record, and the file gets its name behind it. What the record
/// added to the sinks is found there at the next start.
int move(const Config& config, const StreamConfig& stream, const SavedPosition& saved,
         const PositionRequest& request, const std::string& file) {
  const SavedPosition position = moved(stream, saved, request);
  const auto not_saved = [&](const boost::system::error_code& error) {
    return fail(kCannotOpen, fmt::format("{}: {}: the position was not moved", file,
                                         describe_errno(error.value())));
  };
  PosixDisk disk;
  if (const auto error = prepare_file(disk, file, serialize(position)))
    return not_saved(error);
  AuditWriter writer(stream, config.shutdown_timeout);
  if (const auto fault = writer.write(record_of_move(saved, position, "operator"), position);
      !fault.empty())
    return fail(kCannotOpen, fault + ": the position was not moved");
  if (const auto error = put_in_place(disk, file)) {
    AuditWriter again(stream, config.shutdown_timeout);
    again.write(record_of_move(position, saved, "not_saved"), position);
    return not_saved(error);
  }
  return show(stream.name, Loaded::found, position);
}

}  // namespace

int run_position(const Config& config, const PositionRequest& request) {
  const StreamConfig* stream = find(config, request.stream);
  if (!stream)
    return fail(kUsage, fmt::format("no stream is named {}; there is: {}",
                                    json_string(request.stream), names_of(config)));
  if (request.what != PositionRequest::What::show &&
      stream->protocol == ProtocolKind::notifications)
    return fail(kUsage,
                fmt::format("{} numbers its events by itself and nothing is sent again: there is "
                            "no position to be moved, only to be shown",
                            stream->name));
  InstanceLock lock;
  if (request.what != PositionRequest::What::show) {
    if (const auto fault = become_owner_of(config.state_dir); !fault.empty())
      return fail(kCannotOpen, fault);
    boost::system::error_code error;
    const auto held = lock.acquire(config.state_dir, error);
    if (held == InstanceLock::Result::taken)
      return fail(kInstanceRuns, "the daemon runs: stop it before a position is moved");
    if (held == InstanceLock::Result::failed)
      return fail(kCannotOpen,
                  fmt::format("the state directory {} cannot be used: {}",
                              config.state_dir.string(), describe_errno(error.value())));
  }
  boost::asio::io_context loop{1};
  PosixDisk disk;
  SyncPool pool(loop.get_executor(), loop.get_executor());
  const SinkContext context{loop.get_executor(), pool, disk};
  const PositionKeeper keeper(context, config.state_dir / (stream->name + ".position"));
  SavedPosition saved;
  const auto loaded = keeper.load(stream->oauth.client_id, endpoint_of(*stream), saved);
  const std::string file = keeper.file().string();
  if (loaded == Loaded::unreadable)
    return fail(kCannotOpen, file + ": it cannot be read");
  if (request.what == PositionRequest::What::show)
    return show(stream->name, loaded, saved);
  return move(config, *stream, saved, request, file);
}

}  // namespace gcstreamd
