#include "gcstreamd/app/stream_set.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "gcstreamd/net/clocks.hpp"

namespace gcstreamd {
namespace {

constexpr int kCannotOpen = 74;

}  // namespace

StreamSet::StreamSet(const StreamContext& context, Events events)
    : context_(context), events_(std::move(events)), timer_(context.loop) {}

StreamSet::~StreamSet() {
  *alive_ = false;
}

std::string StreamSet::add(const StreamConfig& config) {
  // The stream's address is known only once it is there; it ends no earlier than it starts.
  auto self = std::make_shared<const RunningStream*>(nullptr);
  auto stream = make_stream(context_, config, [this, self](ExitCode code) { on_end(*self, code); });
  *self = stream.get();
  std::string fault = stream->open();
  if (fault.empty()) {
    entries_.push_back({std::move(stream), State::added});
    ended_.erase(config.name);
  } else {
    exit_code_ = kCannotOpen;
  }
  return fault;
}

void StreamSet::start() {
  for (Entry& entry : entries_) {
    if (entry.state != State::added)
      continue;
    entry.state = State::running;
    entry.stream->start();
  }
  if (entries_.empty())
    sweep_soon();
}

void StreamSet::retire(const std::string& name) {
  for (Entry& entry : entries_) {
    if (entry.stream->name() != name || entry.state == State::retiring)
      continue;
    entry.state = State::retiring;
    entry.stream->stop();
  }
}

bool StreamSet::retiring() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.state == State::retiring; });
}

void StreamSet::stop() {
  stopping_ = true;
  exit_code_ = 0;  // of the streams that run still, whatever became of others before
  for (Entry& entry : entries_)
    entry.stream->stop();
}

RunningStream* StreamSet::find(const std::string& name) {
  for (Entry& entry : entries_)
    if (entry.state == State::running && entry.stream->name() == name && !entry.stream->ending())
      return entry.stream.get();
  return nullptr;
}

void StreamSet::for_each(const std::function<void(RunningStream&)>& visit) {
  for (Entry& entry : entries_)
    visit(*entry.stream);
}

std::optional<StreamStatus> StreamSet::status(const std::string& name, const Now& now) const {
  const auto entry = std::find_if(entries_.rbegin(), entries_.rend(),
                                  [&](const Entry& other) { return other.stream->name() == name; });
  if (entry != entries_.rend())
    return entry->stream->status(now);
  const auto ended = ended_.find(name);
  return ended == ended_.end() ? std::nullopt : std::optional(ended->second);
}

bool StreamSet::settled() const {
  return std::all_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.stream->settled(); });
}

void StreamSet::on_end(const RunningStream* stream, ExitCode code) {
  const auto ended = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.stream.get() == stream; });
  const bool counts = ended != entries_.end() && ended->state != State::retiring;
  if (counts && (!stopping_ || code == ExitCode::not_saved))
    exit_code_ = static_cast<int>(code);
  sweep_soon();
}

void StreamSet::sweep_soon() {
  boost::asio::post(context_.loop, [this, alive = alive_] {
    if (*alive)
      sweep();
  });
}

/// While a disk has not answered, another stream of this name must not write to the same files: one
/// that ended stays until then, unless it is the last.
void StreamSet::sweep() {
  bool retired = false;
  const Now now = read_clocks();
  std::erase_if(entries_, [&](const Entry& entry) {
    if (!entry.stream->ended() || !entry.stream->settled())
      return false;
    if (entry.state != State::retiring)
      ended_.insert_or_assign(entry.stream->name(), entry.stream->status(now));
    retired = retired || entry.state == State::retiring;
    return true;
  });
  if (retired && !retiring())
    events_.on_retired();
  const auto ended = [](const Entry& entry) { return entry.stream->ended(); };
  if (std::all_of(entries_.begin(), entries_.end(), ended) && (stopping_ || !retiring()))
    events_.on_all_ended();
  else if (std::any_of(entries_.begin(), entries_.end(), ended))
    sweep_later();
}

void StreamSet::sweep_later() {
  constexpr std::chrono::milliseconds kAgain{100};
  timer_.expires_after(kAgain);
  timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (!aborted)
      sweep();
  });
}

}  // namespace gcstreamd
