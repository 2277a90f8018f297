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
  const auto all = everyone();
  for (Slot* slot : all)  // a stream that ends saves its position when all is settled
    if (closing_ && may_enter(*slot))
      enter(*slot);
  if (saving_)
    return;
  for (Slot* slot : all) {
    slot->in_save = slot->moving ? may_enter(*slot) : may_go_on(*slot);
    saving_ = saving_ || slot->in_save;
  }
  if (saving_)
    observer_.on_save_wanted();
}

/// Its old file is finished, and nobody adds to the new one.
bool Delivery::may_enter(const Slot& slot) const {
  const auto all = everyone();
  return slot.moving && slot.sink->left() &&
         std::none_of(all.begin(), all.end(), [&](const Slot* other) {
           return other != &slot && other->writes_to(slot.config.path);
         });
}

/// A restart reads a sink's file from its saved place on: no two sinks may have a place in one.
bool Delivery::may_go_on(const Slot& slot) {
  if (!slot.opened || !slot.up() || slot.stranded || !slot.sink->awaits_save())
    return false;
  const auto mine = slot.sink->saved();
  if (!mine)
    return true;
  if (has_place(slot, mine->file))
    return false;
  for (auto& [name, sink] : saved_)
    if (sink.file == mine->file)  // of one that is not open
      forget_file(sink);
  return true;
}

/// Whether any other sink's place is in that file.
bool Delivery::has_place(const Slot& slot, const FileId& file) const {
  const auto all = everyone();
  return std::any_of(all.begin(), all.end(), [&](const Slot* other) {
    const auto theirs = other != &slot && other->opened ? other->sink->saved() : std::nullopt;
    return theirs && theirs->file == file;
  });
}

/// Before a file is opened again: another sink may have been there meanwhile.
void Delivery::hold_back(Slot& slot) {
  const auto found = context_.disk.find(slot.config.path);
  if (found && has_place(slot, *found))
    slot.sink->hold_back();
}

/// What it holds is known all the same: only where it is, not any more.
void Delivery::forget_file(SavedSink& sink) {
  sink.file = {};
  sink.offset = sink.epoch_offset = 0;
}

/// Where the position could not be saved, our own rotation waits: a file that is compressed and
/// deleted tells a restart nothing. Files that others moved are left all the same, so that they can
/// be compressed and deleted; what waits is written when the next save succeeds.
void Delivery::saved(bool ok) {
  if (!std::exchange(saving_, false))
    return;
  std::vector<Slot*> asked;  // what goes on from here may ask for the next save
  for (Slot* slot : everyone())
    if (std::exchange(slot->in_save, false))
      asked.push_back(slot);
  const bool moves =
      std::any_of(asked.begin(), asked.end(), [](const Slot* slot) { return slot->moving; });
  if (!ok && moves)
    observer_.on_record(
        AuditRecord("position_not_saved")
            .text("hint",
                  "files were left before the position was saved: nothing is written to the new "
                  "ones until it is; free space or mend the path of state_dir"));
  for (Slot* slot : asked) {
    if (slot->moving)
      enter_after(*slot, ok);
    else if (ok)
      go_on(*slot);
    else
      slot->stranded = closing_;
  }
  if (ok || closing_)
    save_where_asked();
}

void Delivery::enter_after(Slot& slot, bool saved) {
  if (!may_enter(slot))  // another one came between
    return;
  constexpr std::chrono::minutes kAgain{1};
  if (!saved && std::exchange(slot.rotating, false))
    slot.rotate_again_at = observer_.now().steady + kAgain;
  enter(slot);
}

/// The file that it waits with is known to a restart now.
void Delivery::go_on(Slot& slot) {
  if (!slot.up() || !slot.sink->awaits_save())
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
  hold_back(slot);
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
