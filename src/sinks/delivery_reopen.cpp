#include "gcstreamd/core/errors.hpp"
#include "slot.hpp"

namespace gcstreamd {

void Delivery::reopen() {
  leave_moved();
  go_on_reopening();
}

void Delivery::leave_moved() {
  if (closing_)
    return;
  for (auto& slot : slots_) {
    if (slot->state == Slot::State::failed) {
      slot->reset_backoff();
      retry_now(*slot);
    }
    slot->move_when_up = slot->state == Slot::State::proving;
  }
  if (reopening_ != Reopening::none) {
    reopen_again_ = true;
    return;
  }
  for (auto& slot : slots_) {
    if (slot->state != Slot::State::working || !slot->opened || !slot->sink->moved())
      continue;
    leave(*slot);
  }
  reopening_ = Reopening::leaving;
}

void Delivery::leave(Slot& slot) {
  if (const auto error = slot.sink->leave())
    fail(slot, error);
  else
    slot.moving = true;
}

/// A rotation is a reopening of our own: the old file is synced and the position saved first.
void Delivery::rotate_due() {
  if (closing_ || reopening_ != Reopening::none)
    return;
  const SteadyTime now = observer_.now().steady;
  std::vector<Slot*> due;
  for (auto& slot : slots_)
    if (slot->opened && slot->state == Slot::State::working && now >= slot->rotate_again_at &&
        slot->sink->rotation_due(now))
      due.push_back(slot.get());
  if (due.empty())
    return;
  reopening_ = Reopening::leaving;
  for (Slot* slot : due) {
    slot->rotating = true;
    leave(*slot);
  }
  go_on_reopening();
}

void Delivery::rotate(Slot& slot) {
  const auto name = slot.sink->rotate(observer_.now());
  if (!name) {
    if (std::exchange(slot.rotate_error, name.error()) != name.error())
      observer_.on_record(
          AuditRecord("rotation_failed")
              .text("sink", slot.config.name)
              .text("error", describe_errno(name.error().value()))
              .text("hint", "free space or mend the path: the file only grows meanwhile"));
    return;
  }
  slot.rotate_error = {};
  if (name->empty())
    return;
  observer_.on_record(
      AuditRecord("file_rotated").text("sink", slot.config.name).text("path", *name));
  tidy(slot, *name);
}

void Delivery::tidy(const Slot& slot, const std::string& finished) {
  if (context_.tidy && slot.config.rotate != RotateConfig{})
    context_.tidy(slot.config.path, slot.config.rotate, finished);
}

void Delivery::go_on_reopening() {
  if (reopening_ != Reopening::leaving)
    return;
  bool any = false;
  for (const Slot* slot : everyone()) {
    if (slot->moving && !slot->sink->left())
      return;
    any = any || slot->moving;
  }
  // A stream that ends saves its position when all is settled.
  if (!any || closing_) {
    enter_all();
    return;
  }
  reopening_ = Reopening::saving;
  observer_.on_save_wanted();
}

/// Where the position could not be saved, our own rotation waits: a file that is compressed and
/// deleted tells a restart nothing. Files that others moved are left all the same. After a crash
/// the events since the last save come again, whatever is done here: the moved file holds them, and
/// nobody looks for them there. To go on writing to it would put more of them there, in a file that
/// others are about to compress and delete; to wait would stop the stream for a fault that does not
/// concern the sinks. In the new file a restart finds what it holds, and writes that no second
/// time.
void Delivery::saved(bool ok) {
  if (reopening_ != Reopening::saving)
    return;
  constexpr std::chrono::minutes kAgain{1};
  if (!ok)
    observer_.on_record(
        AuditRecord("position_not_saved")
            .text("hint",
                  "files were reopened before the position was saved: a crash before the "
                  "next save repeats events; free space or mend the path of state_dir"));
  for (auto& slot : slots_)
    if (!ok && std::exchange(slot->rotating, false))
      slot->rotate_again_at = observer_.now().steady + kAgain;
  enter_all();
}

void Delivery::enter_all() {
  reopening_ = Reopening::none;
  for (Slot* slot : everyone())
    if (std::exchange(slot->moving, false))
      enter(*slot);
  for (auto& slot : slots_)
    if (slot->state == Slot::State::failed && slot->awaits_sync)
      retry_now(*slot);
  if (std::exchange(reopen_again_, false))
    reopen();
}

void Delivery::enter(Slot& slot) {
  if (std::exchange(slot.rotating, false))
    rotate(slot);
  const auto error = slot.sink->enter(time());
  report_repairs(slot);
  if (error) {
    fail(slot, error);
    return;
  }
  slot.file_path = slot.config.path;
  observer_.on_record(
      AuditRecord("file_reopened").text("sink", slot.config.name).text("path", slot.config.path));
  if (slot.removed || closing_)
    slot.sink->sync();
}

}  // namespace gcstreamd
