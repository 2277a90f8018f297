// What connections and the server know of each other.
//
// Ownership: a connection is kept alive by its own pending operations; the host keeps weak
// references. The host and the SSL context must outlive the running of the io_context.
// Threads: the io_context's one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/options.hpp"
#include "simulator/stream_orders.hpp"

namespace gcstream_sim {

class Switchboard;

// An event stream that has sent its subscription.
class Subscriber {
 public:
  virtual ~Subscriber() = default;
  // There are new events in the history.
  virtual void on_events() = 0;
  // False once it closes.
  virtual bool active() const = 0;
  // How many events it has still to be sent.
  virtual std::uint64_t behind() const = 0;
  // It was sent all there is and is not stalled; or it is not active.
  virtual bool settled() const = 0;
  virtual void perform(StreamOrder order) = 0;
  // Whose socket it is, with the Notifications protocol.
  virtual std::string channel() const { return {}; }
};

class Connection {
 public:
  virtual ~Connection() = default;
  // Ends in a friendly way: an event stream with close code 1001.
  virtual void close() = 0;
  // Ends at once.
  virtual void abort() = 0;
  virtual bool ended() const = 0;
};

// What connections need of the server.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;
  virtual const Options& options() const = 0;
  // What the script makes of it included. 101: the connection becomes a WebSocket.
  virtual Response answer(const Request& request) = 0;
  // Null: the simulator speaks analytics-stream.
  virtual Switchboard* switchboard() = 0;
  virtual Feed& feed() = 0;
  virtual void add(std::weak_ptr<Connection> connection) = 0;
  virtual void add(std::weak_ptr<Subscriber> subscriber) = 0;
  // The fault that befalls this subscription, or null; it is used up by asking.
  virtual const Step* step_for_subscription(std::optional<std::uint64_t> after) = 0;
  // A subscriber was sent an event, or a connection ended.
  virtual void on_progress() = 0;
  virtual void log(std::string_view line) const = 0;
};

}  // namespace gcstream_sim
