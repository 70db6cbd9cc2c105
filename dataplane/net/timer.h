// Timer: deadlines on a coarse wheel, one uv timer a loop for all of them.
//
// Made for deadlines that move at every byte and almost never fire: moving one
// later is a store. A deadline is linked into the slot of the moment it was
// due when linked; when that slot passes and it is due later by now, it is
// linked again. Granularity is kSlotMs; a deadline never fires early and at
// most two slots late. One thread: the loop's.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace apim::net {

class Wheel;

class Deadline {
 public:
  Deadline() = default;
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // The deadline passed; it is not armed any more. May arm itself again, may destroy itself.
  virtual void on_due() = 0;

  bool armed() const { return due_ms_ != 0; }

 protected:
  virtual ~Deadline() { unlink(); }

 private:
  friend class Wheel;
  void unlink();

  Deadline* next_ = nullptr;
  Deadline** back_ = nullptr;  // The pointer that points here; null: not linked.
  Wheel* wheel_ = nullptr;
  uint64_t due_ms_ = 0;   // 0: not armed (it may still be linked).
  uint64_t slot_ms_ = 0;  // When the slot it is linked into passes.
};

class Wheel {
 public:
  static constexpr uint64_t kSlotMs = 32;
  static constexpr size_t kSlotsMax =
      1024;  // A horizon of about 33 s; later deadlines are linked again on the way.

  // `now_ms` > 0 is the loop's monotonic clock.
  explicit Wheel(uint64_t now_ms) : turned_ms_(now_ms / kSlotMs * kSlotMs) {}
  Wheel(const Wheel&) = delete;
  Wheel& operator=(const Wheel&) = delete;

  void arm(Deadline& deadline, uint64_t due_ms);
  void disarm(Deadline& deadline) { deadline.due_ms_ = 0; }

  // Fires what is due. Deadlines armed meanwhile fire in a later turn.
  void turn(uint64_t now_ms);

  bool empty() const { return linked_count_ == 0; }

 private:
  friend class Deadline;
  void link(Deadline& deadline);

  std::array<Deadline*, kSlotsMax> slots_{};
  uint64_t turned_ms_;  // Every slot up to here has passed.
  size_t linked_count_ = 0;
};

}  // namespace apim::net
