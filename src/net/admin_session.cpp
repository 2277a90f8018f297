#include "admin_session.hpp"

#include <array>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <variant>

namespace gcstreamd {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::chrono::seconds kRequestLimit{5};  ///< for the whole of a request's header
constexpr std::chrono::seconds kIdleLimit{15};    ///< likewise, of one after the first
constexpr std::chrono::seconds kAnswerLimit{10};  ///< for the whole of an answer to be taken
constexpr std::chrono::seconds kGoodbye{1};       ///< for a client to read the last answer
constexpr unsigned kMaxRequests = 100;            ///< of one connection
constexpr std::uint32_t kMaxHeader = 8192;
constexpr int kReaderBuffer = 16384;  ///< of the kernel's, for one reader of events

constexpr std::string_view kEventsHead =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: text/event-stream\r\n"
    "Cache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Connection: close\r\n\r\n"
    "retry: 2000\n\n";

/// What to answer to what is no request; empty where nobody is there to read it.
std::optional<AdminResponse> answer_to(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return refusal(431, "the request is too large\n");
  const bool ended = error == http::error::end_of_stream || error == http::error::partial_message;
  if (ended || error.category() != make_error_code(http::error::bad_method).category())
    return std::nullopt;
  return refusal(400, "this is no request of HTTP/1.1\n");
}

class Session : public AdminSession {
 public:
  Session(Socket socket, std::shared_ptr<const Context> context)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), context_(std::move(context)) {}

  void start() override { read(kRequestLimit); }

  void end() override {
    over_ = true;
    reader_ = false;
    timer_.cancel();
    error_code ignored;
    socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  void tell(std::shared_ptr<const std::string> news) override {
    if (!reader_ || news_)  // what it has not taken yet is a moment old: it misses this one
      return;
    news_ = std::move(news);
    limit(kAnswerLimit);
    asio::async_write(socket_, asio::buffer(*news_),
                      [self = shared()](const error_code& error, std::size_t) {
                        self->news_.reset();
                        self->timer_.cancel();
                        if (error)
                          self->end();
                      });
  }

  bool reads_events() const override { return reader_; }
  std::optional<SteadyTime> idle_since() const override { return idle_since_; }

 private:
  std::shared_ptr<Session> shared() {
    return std::static_pointer_cast<Session>(shared_from_this());
  }

  /// Ends it unless the timer is armed anew, or cancelled, by then.
  void limit(std::chrono::seconds time) {
    timer_.expires_after(time);
    timer_.async_wait([self = shared()](const error_code& aborted) {
      if (!aborted && self->timer_.expiry() <= std::chrono::steady_clock::now())
        self->end();
    });
  }

  void read(std::chrono::seconds time) {
    idle_since_ = std::chrono::steady_clock::now();
    parser_.emplace();
    parser_->header_limit(kMaxHeader);
    limit(time);
    http::async_read_header(
        socket_, buffer_, *parser_,
        [self = shared()](const error_code& error, std::size_t) { self->on_read(error); });
  }

  void on_read(const error_code& error) {
    if (over_)
      return;
    idle_since_.reset();
    if (!error) {
      on_request(parser_->get());
      return;
    }
    if (const auto answer = answer_to(error))
      respond(*answer, /*head=*/false, /*keep=*/false);
    else
      end();
  }

  void on_request(const http::request<http::empty_body>& request) {
    const bool head = request.method() == http::verb::head;
    const bool body = request.count(http::field::transfer_encoding) > 0 ||
                      parser_->content_length().value_or(0) > 0;
    const bool keep = request.keep_alive() && !body && ++requests_ < kMaxRequests;
    const auto route = route_admin(described(request), context_->address);
    if (const auto* refused = std::get_if<AdminResponse>(&route))
      respond(*refused, head, keep);
    else if (const auto page = std::get<AdminPage>(route); page == AdminPage::events && !head)
      read_events();
    else if (page == AdminPage::events)
      respond(refusal(405, "events can only be read by GET\n"), head, keep);
    else
      respond(context_->source->answer(page), head, keep);
  }

  static AdminRequest described(const http::request<http::empty_body>& request) {
    const auto view = [](auto text) { return std::string_view(text.data(), text.size()); };
    AdminRequest described;
    described.method = view(request.method_string());
    described.target = view(request.target());
    constexpr unsigned kOneOne = 11;
    described.needs_host = request.version() >= kOneOne;
    if (const auto host = request.find(http::field::host); host != request.end())
      described.host = view(host->value());
    described.hosts = request.count(http::field::host);
    return described;
  }

  void respond(const AdminResponse& answer, bool head, bool keep) {
    response_ = {};
    response_.version(11);
    response_.result(static_cast<unsigned>(answer.status));
    response_.set(http::field::content_type, answer.content_type);
    response_.set(http::field::cache_control, "no-store");
    response_.set("Content-Security-Policy", answer.content_security_policy);
    response_.set("X-Content-Type-Options", "nosniff");
    response_.set("Cross-Origin-Resource-Policy", "same-origin");
    response_.set("Referrer-Policy", "no-referrer");
    if (response_.result() == http::status::method_not_allowed)
      response_.set(http::field::allow, "GET, HEAD");
    response_.keep_alive(keep);
    response_.content_length(answer.body.size());
    if (!head)
      response_.body() = answer.body;
    limit(kAnswerLimit);
    http::async_write(socket_, response_,
                      [self = shared(), keep](const error_code& error, std::size_t) {
                        self->on_written(error, keep);
                      });
  }

  void on_written(const error_code& error, bool keep) {
    if (over_)
      return;
    if (error)
      end();
    else if (keep)
      read(kIdleLimit);
    else
      say_goodbye();
  }

  /// What the client sent beyond its request must be read, or a reset takes the answer away.
  void say_goodbye() {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    idle_since_ = std::chrono::steady_clock::now();
    limit(kGoodbye);
    drain();
  }

  void drain() {
    socket_.async_read_some(asio::buffer(scratch_),
                            [self = shared()](const error_code& error, std::size_t) {
                              if (self->over_)
                                return;
                              if (error)
                                self->end();
                              else
                                self->drain();
                            });
  }

  void read_events() {
    if (!context_->may_read_events()) {
      respond(refusal(503, "too many read events already\n"), /*head=*/false, /*keep=*/false);
      return;
    }
    timer_.cancel();
    reader_ = true;
    error_code ignored;
    socket_.set_option(asio::socket_base::send_buffer_size(kReaderBuffer), ignored);
    tell(std::make_shared<const std::string>(std::string(kEventsHead) +
                                             "data: " + context_->source->news() + "\n\n"));
    await_leaving();
  }

  /// A reader has nothing more to say: it leaves, or is no reader.
  void await_leaving() {
    socket_.async_read_some(asio::buffer(scratch_),
                            [self = shared()](const error_code&, std::size_t) { self->end(); });
  }

  Socket socket_;
  asio::steady_timer timer_;
  std::shared_ptr<const Context> context_;
  beast::flat_buffer buffer_{kMaxHeader * 2};
  std::optional<http::request_parser<http::empty_body>> parser_;
  http::response<http::string_body> response_;
  std::array<char, 1024> scratch_{};
  std::shared_ptr<const std::string> news_;  ///< being written
  std::optional<SteadyTime> idle_since_;
  unsigned requests_ = 0;
  bool reader_ = false;
  bool over_ = false;
};

}  // namespace

std::shared_ptr<AdminSession> AdminSession::make(Socket socket,
                                                 std::shared_ptr<const Context> context) {
  return std::make_shared<Session>(std::move(socket), std::move(context));
}

}  // namespace gcstreamd
