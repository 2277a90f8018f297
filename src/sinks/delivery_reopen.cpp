#include <algorithm>

#include "gcstreamd/core/errors.hpp"
#include "slot.hpp"

namespace gcstreamd {

void Delivery::reopen() {
  leave_moved();
  save_where_asked();
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
    slot->move_again = slot->moving;
    if (!slot->moving && slot->state == Slot::State::working && slot->opened && slot->sink->moved())
      leave(*slot);
  }
}

void Delivery::leave(Slot& slot) {
  slot.in_save = false;
  if (const auto error = slot.sink->leave())
    fail(slot, error);
  else
    slot.moving = true;
}

/// A rotation is a reopening of our own: the old file is synced and the position saved first.
void Delivery::rotate_due() {
  if (closing_)
    return;
  const SteadyTime now = observer_.now().steady;
  std::vector<Slot*> due;
  for (auto& slot : slots_)
    if (slot->opened && slot->state == Slot::State::working && !slot->moving &&
        !slot->sink->unsaved() && now >= slot->rotate_again_at && slot->sink->rotation_due(now))
      due.push_back(slot.get());
  for (Slot* slot : due) {
    slot->rotating = true;
    leave(*slot);
  }
  if (!due.empty())
    save_where_asked();
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

/// One save serves all that wait for it by now; who comes later waits for the next.
void Delivery::save_where_asked() {
  if (saving_)
    return;
  for (Slot* slot : everyone()) {
    const bool left = slot->moving && slot->sink->left();
    if (left && closing_)  // a stream that ends saves its position when all is settled
      enter(*slot);
    const bool awaits = slot->opened && slot->up() && slot->sink->awaits_save();
    slot->in_save = slot->moving ? left : awaits;
    saving_ = saving_ || slot->in_save;
  }
  if (saving_)
    observer_.on_save_wanted();
}

/// Where the position could not be saved, our own rotation waits: a file that is compressed and
/// deleted tells a restart nothing. Files that others moved are left all the same, so that they can
/// be compressed and deleted; what waits is written when the next save succeeds.
void Delivery::saved(bool ok) {
  if (!std::exchange(saving_, false))
    return;
  const auto all = everyone();
  const bool moves = std::any_of(all.begin(), all.end(),
                                 [](const Slot* slot) { return slot->in_save && slot->moving; });
  if (!ok && moves)
    observer_.on_record(
        AuditRecord("position_not_saved")
            .text("hint",
                  "files were left before the position was saved: nothing is written to the new "
                  "ones until it is; free space or mend the path of state_dir"));
  for (Slot* slot : all) {
    if (!std::exchange(slot->in_save, false))
      continue;
    if (slot->moving)
      enter_after(*slot, ok);
    else if (ok)
      go_on(*slot);
    else
      slot->stranded = closing_;
  }
  if (ok)
    save_where_asked();
}

void Delivery::enter_after(Slot& slot, bool saved) {
  constexpr std::chrono::minutes kAgain{1};
  if (!saved && std::exchange(slot.rotating, false))
    slot.rotate_again_at = observer_.now().steady + kAgain;
  enter(slot);
}

/// The file that it waits with is known to a restart now.
void Delivery::go_on(Slot& slot) {
  if (!slot.up())
    return;
  if (const auto error = slot.sink->go_on()) {
    fail(slot, error);
    return;
  }
  if (slot.removed || closing_)
    slot.sink->sync();
  if (slot.state == Slot::State::proving)
    prove(slot);
}

void Delivery::enter(Slot& slot) {
  slot.moving = false;
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
  for (auto& other : slots_)  // one that waits for the file that was left
    if (other->state == Slot::State::failed && other->awaits_sync)
      retry_now(*other);
  if (std::exchange(slot.move_again, false) && !slot.removed && slot.sink->moved())
    leave(slot);
}

}  // namespace gcstreamd
