#include "frame_gate.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cstring>
#include <utility>

namespace gcstreamd {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kCapacity = 160 * 1024;
constexpr std::size_t kRecord = 16 * 1024;  // TLS gives no more at once
constexpr std::size_t kLongestHeader = 10;

}  // namespace

FrameGate::FrameGate(Transport& transport, std::size_t max_message_bytes, std::size_t padding,
                     GateOwner& owner)
    : transport_(transport),
      owner_(owner),
      sorter_(std::min(max_message_bytes, kCapacity - kLongestHeader)),
      buffer_(kCapacity + padding) {}

void FrameGate::resume() {
  paused_ = false;
  pump_soon();
}

void FrameGate::hand_over() {
  sorter_.pass_all();
  held_ = true;
  resume();
}

void FrameGate::close_written() {
  held_ = false;
  pump_soon();
}

/// Whoever the reader belongs to is let go even where the loop runs no more.
void FrameGate::cut() {
  transport_.cut();
  cut_ = true;
  if (reader_)
    asio::post(transport_.get_executor(),
               [reader = std::move(reader_)] { reader->done(asio::error::operation_aborted, 0); });
}

void FrameGate::read(std::unique_ptr<Reader> reader) {
  reader_ = std::move(reader);
  if (cut_)
    cut();
  else if (begin_ != end_ || error_)
    pump_soon();
  else if (!paused_)
    fill();
}

void FrameGate::pump_soon() {
  if (reader_)
    asio::post(transport_.get_executor(), [self = shared_from_this()] { self->pump(); });
}

void FrameGate::pump() {
  if (!reader_)
    return;
  if (cut_) {
    end(asio::error::operation_aborted);
    return;
  }
  const std::size_t for_beast = take_messages();
  if (!reader_ || paused_ || held_)
    return;
  if (for_beast > 0)
    give(for_beast);
  else if (error_ && begin_ != end_)
    give_rest();
  else if (error_)
    end(error_);
  else
    fill();
}

std::size_t FrameGate::take_messages() {
  bool told = false;
  while (!paused_ && !cut_) {
    const auto verdict = sorter_.sort(bytes());
    if (verdict.next != FrameSorter::Next::take)
      return verdict.size;
    const std::string_view message = bytes().substr(verdict.header, verdict.size);
    begin_ += verdict.header + verdict.size;
    if (!std::exchange(told, true))
      owner_.on_arrival();
    owner_.on_message(message);
  }
  return 0;
}

void FrameGate::give(std::size_t size) {
  const auto reader = std::exchange(reader_, nullptr);
  const std::string_view given = bytes().substr(0, reader->take(bytes().substr(0, size)));
  sorter_.passed(given);
  begin_ += given.size();
  reader->done({}, given.size());
}

/// Part of a frame that will not be whole: it may break the protocol as it is.
void FrameGate::give_rest() {
  sorter_.pass_all();
  give(end_ - begin_);
}

void FrameGate::end(const error_code& error) {
  std::exchange(reader_, nullptr)->done(error, 0);
}

void FrameGate::make_room() {
  if (begin_ != 0 && (begin_ == end_ || kCapacity - end_ < kRecord)) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
}

/// The reader travels with the read: whoever it belongs to lives until that is over.
void FrameGate::fill() {
  make_room();
  transport_.async_read_some(asio::buffer(buffer_.data() + end_, kCapacity - end_),
                             [self = shared_from_this(), reader = std::move(reader_)](
                                 const error_code& error, std::size_t size) mutable {
                               self->reader_ = std::move(reader);
                               self->filled(error, size);
                             });
}

void FrameGate::filled(const error_code& error, std::size_t size) {
  end_ += size;
  error_ = error;
  pump();
}

}  // namespace gcstreamd
