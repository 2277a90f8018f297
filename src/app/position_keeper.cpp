#include "gcstreamd/app/position_keeper.hpp"

#include "gcstreamd/app/system_inputs.hpp"

namespace gcstreamd {

PositionKeeper::Loaded PositionKeeper::load(const std::string& org, const std::string& endpoint,
                                            SavedPosition& position) const {
  const auto text = read_file(file_.string());
  if (!text)
    return std::filesystem::exists(file_) ? Loaded::unreadable : Loaded::absent;
  auto saved = parse_position(*text);
  if (!saved)
    return Loaded::damaged;
  position = std::move(*saved);
  return position.org == org && position.endpoint == endpoint ? Loaded::found : Loaded::foreign;
}

void PositionKeeper::save(const SavedPosition& position, const OnError& on_error) {
  if (position == (next_ ? *next_ : saved_))
    return;
  next_ = position;
  if (!saving_)
    start(on_error);
}

void PositionKeeper::start(const OnError& on_error) {
  saving_ = true;
  const SavedPosition position = *std::exchange(next_, std::nullopt);
  saved_ = position;
  pool_.run([path = file_.string(), text = serialize(position)] { return save_file(path, text); },
            [this, alive = alive_, on_error](boost::system::error_code error) {
              if (!*alive)
                return;
              saving_ = false;
              if (error)
                saved_ = SavedPosition{};
              if (next_)
                start(on_error);
              on_error(error);
            });
}

}  // namespace gcstreamd
