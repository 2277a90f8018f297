#include "gcstreamd/app/position_keeper.hpp"

namespace gcstreamd {

PositionKeeper::Loaded PositionKeeper::load(const std::string& org, const std::string& endpoint,
                                            SavedPosition& position) const {
  const auto absent = [](const auto& text) {
    return text.has_error() && text.error() == boost::system::errc::no_such_file_or_directory;
  };
  const auto text = disk_.load(file_.string());
  if (!text && !absent(text))
    return Loaded::unreadable;
  Loaded loaded = Loaded::found;
  auto saved = text ? parse_position(*text) : std::nullopt;
  if (!saved) {
    const auto before = disk_.load(previous_of(file_.string()));
    saved = before ? parse_position(*before) : std::nullopt;
    if (!saved)
      return absent(text) && absent(before) ? Loaded::absent : Loaded::damaged;
    loaded = Loaded::previous;
  }
  position = std::move(*saved);
  return position.org == org && position.endpoint == endpoint ? loaded : Loaded::foreign;
}

std::uint64_t PositionKeeper::save(const SavedPosition& position, const OnError& on_error) {
  if (position == (next_ ? *next_ : saved_))
    return asked_;
  next_ = position;
  ++asked_;
  if (!saving_)
    start(on_error);
  return asked_;
}

void PositionKeeper::start(const OnError& on_error) {
  saving_ = true;
  running_ = asked_;
  const SavedPosition position = *std::exchange(next_, std::nullopt);
  saved_ = position;
  auto job = [&disk = disk_, path = file_.string(), text = serialize(position)] {
    return save_file(disk, path, text);
  };
  lane_.run(std::move(job), [this, alive = alive_, on_error](boost::system::error_code error) {
    if (!*alive)
      return;
    saving_ = false;
    ended_ = running_;
    if (error)
      saved_ = SavedPosition{};
    if (next_)
      start(on_error);
    on_error(error);
  });
}

}  // namespace gcstreamd
