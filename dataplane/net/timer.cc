#include "net/timer.h"

#include <algorithm>
#include <cassert>

namespace apim::net {

void Deadline::unlink() {
  if (back_ == nullptr) return;
  *back_ = next_;
  if (next_ != nullptr) next_->back_ = back_;
  next_ = nullptr;
  back_ = nullptr;
  assert(wheel_->linked_count_ > 0);
  --wheel_->linked_count_;
}

void Wheel::link(Deadline& deadline) {
  assert(deadline.back_ == nullptr);
  const uint64_t horizon_ms = turned_ms_ + kSlotMs * (kSlotsMax - 1);
  // The slot passes when the whole of it is over: never early.
  const uint64_t wanted_ms = (deadline.due_ms_ / kSlotMs + 1) * kSlotMs;
  deadline.slot_ms_ = std::clamp(wanted_ms, turned_ms_ + kSlotMs, horizon_ms);
  Deadline** slot = &slots_[deadline.slot_ms_ / kSlotMs % kSlotsMax];
  deadline.wheel_ = this;
  deadline.next_ = *slot;
  deadline.back_ = slot;
  if (*slot != nullptr) (*slot)->back_ = &deadline.next_;
  *slot = &deadline;
  ++linked_count_;
}

void Wheel::arm(Deadline& deadline, uint64_t due_ms) {
  assert(due_ms > 0);
  deadline.due_ms_ = due_ms;
  if (deadline.back_ != nullptr) {
    if (deadline.slot_ms_ <= due_ms + kSlotMs) return;  // It will be looked at early enough.
    deadline.unlink();
  }
  link(deadline);
}

void Wheel::turn(uint64_t now_ms) {
  while (turned_ms_ + kSlotMs <= now_ms) {
    turned_ms_ += kSlotMs;
    Deadline*& slot = slots_[turned_ms_ / kSlotMs % kSlotsMax];
    // The list is moved out: what fires may unlink any of it, and may link new ones.
    Deadline* first = slot;
    slot = nullptr;
    if (first != nullptr) first->back_ = &first;
    while (first != nullptr) {
      Deadline& deadline = *first;
      deadline.unlink();
      if (deadline.due_ms_ == 0) continue;
      if (deadline.due_ms_ > now_ms) {
        link(deadline);
        continue;
      }
      deadline.due_ms_ = 0;
      deadline.on_due();
    }
    if (linked_count_ == 0) {
      turned_ms_ = now_ms / kSlotMs * kSlotMs;
      return;
    }
  }
}

}  // namespace apim::net
