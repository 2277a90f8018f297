// The simulator as a class: a TLS server on 127.0.0.1 that grants tokens and streams events.
//
// Ownership: borrows the io_context, owns the rest. After stop() the io_context runs out of work
// within kStopTime; destroy the Server only then, or together with the io_context without running
// that again. Threads: the io_context's one thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/connection.hpp"
#include "simulator/notifications/notifications_api.hpp"
#include "simulator/notifications/switchboard.hpp"
#include "simulator/pacer.hpp"
#include "simulator/script_runner.hpp"
#include "simulator/tls_contexts.hpp"

namespace gcstream_sim {

// What there is for the Notifications protocol alone.
struct NotificationService {
  NotificationService(const NotificationOptions& options, const Switchboard::Story& story,
                      std::string streaming)
      : board(options, story, EventTime::clock::now()), api(board, std::move(streaming)) {}

  Switchboard board;
  NotificationsApi api;
};

class Server final : private ConnectionHost, private ScriptHost {
 public:
  static constexpr std::chrono::seconds kStopTime{2};

  // Listens, and starts to create events when the io_context runs. Throws
  // boost::system::system_error when the port is taken.
  Server(boost::asio::io_context& context, const Options& options);

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  const Counters& counters() const { return feed_.counters(); }
  std::uint64_t last_sequence_number() const { return feed_.history().newest(); }
  // Every step was played; the simulator serves on without a fault.
  bool script_over() const { return script_.over(); }
  // Where it stands, if it is not over.
  std::optional<std::size_t> script_line() const { return script_.line(); }
  // Null: it speaks analytics-stream.
  const NotificationService* notifications() const { return notified_.get(); }
  // What expect-resume did not find; the server has stopped then.
  const std::optional<std::string>& script_failure() const { return script_.failure(); }
  // Creates one more event and then none; what there is can be had as before.
  void finish();
  // Closes every connection with 1001 and listens no more.
  void stop();
  // Cuts every connection without a goodbye, and goes on listening.
  void cut_all();

 private:
  const Options& options() const override { return options_; }
  Response answer(const Request& request) override;
  Switchboard* switchboard() override { return notified_ ? &notified_->board : nullptr; }
  Feed& feed() override { return feed_; }
  void add(std::weak_ptr<Connection> connection) override;
  void add(std::weak_ptr<Subscriber> subscriber) override;
  const Step* step_for_subscription(std::optional<std::uint64_t> after) override;
  void on_progress() override;
  void log(std::string_view line) const override;

  std::shared_ptr<Subscriber> newest_subscriber() const override;
  void carry_out(const Step& step, Subscriber& subscriber) override;
  void carry_out(const Step& step) override;
  void on_script() override;
  void stop_soon() override;

  // In server_answers.cpp.
  Response answer_notified(const Request& request, EventTime now);
  Response answer_call(const Request& request, EventTime now);
  Response answer_socket(const Request& request, const std::string& channel, EventTime now);
  Response spoiled_by(const Step* step, const Response& good) const;
  const Step* step_for(Place place);
  const Step* told(const Step* step) const;

  void accept();
  void on_accept(boost::system::error_code ec, boost::asio::ip::tcp::socket socket);
  void start_connection(boost::asio::ip::tcp::socket socket);
  void finish_stop();
  void wake_at(Pacer::Time when);
  void on_wake();
  bool may_create();
  bool finished() const;
  void create_due();
  void flush();
  void announce_events();
  std::vector<std::shared_ptr<Subscriber>> subscribers() const;

  Options options_;
  Api api_;
  Feed feed_;
  TlsContexts tls_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::unique_ptr<NotificationService> notified_;
  boost::asio::steady_timer wake_timer_;
  boost::asio::steady_timer stop_timer_;
  ScriptRunner script_;
  std::optional<Pacer> pacer_;  // none: as fast as possible
  std::vector<std::weak_ptr<Connection>> connections_;
  std::vector<std::weak_ptr<Subscriber>> subscribers_;
  bool idle_ = false;  // no wake is pending, because may_create() said no
  bool down_ = false;  // by the script
  bool stopped_ = false;
};

}  // namespace gcstream_sim
