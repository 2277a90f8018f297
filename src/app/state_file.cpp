#include "gcstreamd/app/state_file.hpp"

#include "gcstreamd/sinks/position_file.hpp"

namespace gcstreamd {

std::string StateFile::load() const {
  for (const std::string& path : {file_.string(), previous_of(file_.string())})
    if (auto text = disk_.load(path); text && text->ends_with('\n'))
      return std::move(*text);
  return {};
}

void StateFile::save(std::string text, OnEnd on_end) {
  saving_ = true;
  auto job = [&disk = disk_, path = file_.string(), text = std::move(text)] {
    return save_file(disk, path, text);
  };
  lane_.run(std::move(job),
            [this, alive = alive_, on_end = std::move(on_end)](boost::system::error_code error) {
              if (!*alive)
                return;
              saving_ = false;
              on_end(error);
            });
}

}  // namespace gcstreamd
