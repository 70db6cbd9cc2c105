#include "net/loop.h"

#include <cassert>
#include <ctime>

namespace apim::net {
namespace {

uint64_t clock_of(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

Later::~Later() { assert(!is_queued_); }

Loop::Loop() : wheel_(clock_of(CLOCK_MONOTONIC) / 1'000'000), scratch_(new char[kScratchBytes]) {
  int status = uv_loop_init(&uv_);
  assert(status == 0);
  status = uv_prepare_init(&uv_, &prepare_);
  assert(status == 0);
  tenancy.admit(this, reinterpret_cast<uv_handle_t*>(&prepare_));
  status = uv_timer_init(&uv_, &timer_);
  assert(status == 0);
  tenancy.admit(this, reinterpret_cast<uv_handle_t*>(&timer_));
  uv_prepare_start(&prepare_,
                   [](uv_prepare_t* handle) { static_cast<Loop*>(handle->data)->end_turn(); });
}

Loop::~Loop() {
  const int status = uv_loop_close(&uv_);
  assert(status == 0);
  (void)status;
}

void Loop::run() {
  uv_run(&uv_, UV_RUN_DEFAULT);
  assert(first_later_ == nullptr);
}

void Loop::stop() {
  // What leaves in this turn still queues work for its end.
  end_turn();
  tenancy.leave();
}

uint64_t Loop::read_clock() {
  clock_ns_ = clock_of(CLOCK_MONOTONIC);
  wall_ms_ = clock_of(CLOCK_REALTIME) / 1'000'000;
  busy_since_ns_.store(clock_ns_, std::memory_order_relaxed);
  return clock_ns_;
}

void Loop::later(Later& later) {
  if (later.is_queued_) return;
  later.is_queued_ = true;
  later.next_later_ = nullptr;
  *last_later_ = &later;
  last_later_ = &later.next_later_;
}

void Loop::forget(Later& later) {
  if (!later.is_queued_) return;
  Later** link = &first_later_;
  while (*link != &later) link = &(*link)->next_later_;
  *link = later.next_later_;
  if (last_later_ == &later.next_later_) last_later_ = link;
  later.is_queued_ = false;
}

void Loop::end_turn() {
  outbox_.flush();
  while (first_later_ != nullptr) {
    Later& later = *first_later_;
    first_later_ = later.next_later_;
    if (first_later_ == nullptr) last_later_ = &first_later_;
    later.is_queued_ = false;
    later.on_later();
    outbox_.flush();
  }
  if (metrics_ != nullptr && clock_ns_ != 0) {
    metrics_->observe(Histogram::LoopLag, (clock_of(CLOCK_MONOTONIC) - clock_ns_) / 1000);
  }
  clock_ns_ = 0;
  busy_since_ns_.store(0, std::memory_order_relaxed);
  ++turn_;
}

void Loop::arm(Deadline& deadline, uint64_t due_ms) {
  wheel_.arm(deadline, due_ms);
  if (ticking_ || tenancy.leaving()) return;
  ticking_ = true;
  uv_timer_start(
      &timer_, [](uv_timer_t* handle) { static_cast<Loop*>(handle->data)->tick(); }, Wheel::kSlotMs,
      Wheel::kSlotMs);
}

void Loop::tick() {
  wheel_.turn(now_ms());
  outbox_.flush();
  if (!wheel_.empty() || tenancy.leaving()) return;
  ticking_ = false;
  uv_timer_stop(&timer_);
}

}  // namespace apim::net
