#include "connect_race.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace gcstreamd {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

std::vector<AddressRace::Family> families_of(const ConnectRace::Endpoints& endpoints) {
  std::vector<AddressRace::Family> families;
  for (const auto& endpoint : endpoints)
    families.push_back(endpoint.address().is_v6() ? AddressRace::Family::v6
                                                  : AddressRace::Family::v4);
  return families;
}

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

ConnectRace::ConnectRace(Socket::executor_type executor, Endpoints endpoints)
    : executor_(std::move(executor)),
      endpoints_(std::move(endpoints)),
      race_(families_of(endpoints_)),
      delay_(executor_) {}

void ConnectRace::start(Done done) {
  done_ = std::move(done);
  perform(race_.begin(now()));
}

void ConnectRace::cancel() {
  if (done_)
    finish(asio::error::operation_aborted, nullptr);
}

void ConnectRace::perform(const AddressRace::Move& move) {
  delay_.cancel();
  if (move.connect)
    connect(*move.connect);
  if (move.lost)
    finish({race_.error(), boost::system::system_category()}, nullptr);
  if (!move.look_again)
    return;
  delay_.expires_at(*move.look_again);
  delay_.async_wait([weak = weak_from_this()](const error_code& aborted) {
    const auto self = weak.lock();
    // One that was armed anew meanwhile may have been due, and its handler queued, before.
    if (!aborted && self && self->done_ && self->delay_.expiry() <= now())
      self->perform(self->race_.on_delay(now()));
  });
}

void ConnectRace::connect(std::size_t index) {
  auto socket = std::make_shared<Socket>(executor_);
  attempts_.push_back(socket);
  socket->async_connect(endpoints_[index],
                        [self = shared_from_this(), socket](const error_code& error) {
                          if (self->done_)
                            self->on_connected(error, socket);
                        });
}

void ConnectRace::on_connected(const error_code& error, const std::shared_ptr<Socket>& socket) {
  if (!error) {
    finish({}, socket);
    return;
  }
  error_code ignored;
  socket->close(ignored);
  perform(race_.on_failure(error.value(), now()));
}

void ConnectRace::finish(error_code error, std::shared_ptr<Socket> winner) {
  delay_.cancel();
  for (const auto& attempt : std::exchange(attempts_, {})) {
    error_code ignored;
    if (attempt != winner)
      attempt->close(ignored);
  }
  asio::post(executor_,
             [done = std::exchange(done_, nullptr), error, winner] { done(error, winner); });
}

}  // namespace gcstreamd
