// Loop: one uv loop of one thread, with what every resident of it shares.
//
// - The clock, read at most once a turn.
// - One read buffer: libuv reads straight into it, and a reader has used or
//   copied the bytes when its on_bytes() returns.
// - The outbox (net/outbox.h), the deadlines (net/timer.h).
// - Later: work at the end of the turn, before the loop sleeps. Objects that
//   must not die below their own callers' frames die there.

#pragma once

#include <uv.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "base/metrics.h"
#include "net/outbox.h"
#include "net/tenancy.h"
#include "net/timer.h"

namespace apim::net {

// Something to do at the end of this turn. Intrusive; leaves its list before on_later().
class Later {
 public:
  Later() = default;
  Later(const Later&) = delete;
  Later& operator=(const Later&) = delete;
  virtual void on_later() = 0;

 protected:
  virtual ~Later();

 private:
  friend class Loop;
  Later* next_later_ = nullptr;
  bool is_queued_ = false;
};

class Loop {
 public:
  static constexpr size_t kScratchBytes = 32 * 1024;

  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();  // Every resident has left and run() has returned.

  // Until stop() was called and every handle is closed.
  void run();

  // From now on run() returns once the last handle is closed. The loop's thread.
  void stop();

  uint64_t now_ns() { return clock_ns_ != 0 ? clock_ns_ : read_clock(); }
  uint64_t now_ms() { return now_ns() / 1'000'000; }
  // Milliseconds since the Unix epoch, as of the same moment.
  uint64_t wall_ms() {
    if (clock_ns_ == 0) read_clock();
    return wall_ms_;
  }

  // Since when this turn works (the moment its clock was read), monotonic; 0: it sleeps, or has not
  // asked for the time yet. Any thread.
  uint64_t busy_since_ns() const { return busy_since_ns_.load(std::memory_order_relaxed); }

  // Counts turns: between two of them the loop asked the kernel what is ready.
  uint64_t turn() const { return turn_; }

  // Queues `later` once; again while queued does nothing.
  void later(Later& later);
  // Takes `later` out again, if it is queued.
  void forget(Later& later);

  void arm(Deadline& deadline, uint64_t due_ms);
  void arm_in(Deadline& deadline, uint64_t delay_ms) { arm(deadline, now_ms() + delay_ms); }
  void disarm(Deadline& deadline) { wheel_.disarm(deadline); }

  // Tells of each turn that did something how long it kept the others waiting. Null: nobody.
  void observe_turns(WorkerMetrics* metrics) { metrics_ = metrics; }

  Outbox& outbox() { return outbox_; }
  std::span<char> scratch() { return {scratch_.get(), kScratchBytes}; }
  uv_loop_t* uv() { return &uv_; }

  Tenancy<Loop, 2> tenancy;
  static void departed(Loop*) {}

 private:
  uint64_t read_clock();
  void end_turn();
  void tick();

  uv_loop_t uv_;
  uv_prepare_t prepare_;
  uv_timer_t timer_;
  bool ticking_ = false;
  WorkerMetrics* metrics_ = nullptr;
  uint64_t clock_ns_ = 0;  // 0: not read in this turn.
  std::atomic<uint64_t> busy_since_ns_{0};
  uint64_t wall_ms_ = 0;
  uint64_t turn_ = 1;
  Later* first_later_ = nullptr;
  Later** last_later_ = &first_later_;
  Outbox outbox_;
  Wheel wheel_;
  std::unique_ptr<char[]> scratch_;
};

}  // namespace apim::net
